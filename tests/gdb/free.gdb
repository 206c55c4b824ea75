# The same without a history: where KVM has breakpoints, the guest runs at its own speed.
target remote sock
continue
prepare
inject
monitor guest enable
break record
continue
check $pc-(long)&record<64 stops_at_a_breakpoint
backtrace 1
delete
watch shared.taken
continue
check shared.taken==1&&$pc-(long)&record<256 watches_memory
delete
reverse-stepi
continue
monitor guest wait count=1
set debug remote 1
continue
set debug remote 0
check shared.taken==1 stops_at_Ctrl-C
info threads
inject
continue
check shared.taken==2 goes_on_after_Ctrl-C
kill
