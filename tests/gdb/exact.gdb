# An interrupt, forwards and backwards, by exact steps.
target remote sock
continue
prepare
monitor history 50
set $start = $pc
inject
monitor show pending
monitor guest enable
break *$entry
continue
check $pc==$entry stops_at_the_handler
info threads
reverse-stepi
set $before = $pc
check $pc!=$entry goes_back_to_the_instruction_before
x/i $pc
monitor show pending
stepi
check $pc==$entry comes_to_the_handler_again
stepi
check $pc>$entry&&$pc<=$entry+8 steps
reverse-stepi
check $pc==$entry steps_back
break record
continue
check $pc!=$entry goes_on_to_the_next_breakpoint
reverse-continue
check $pc==$entry goes_back_to_the_one_before
delete
watch shared.taken
continue
check shared.taken==1&&$pc-(long)&record<256 sees_a_change
monitor show log
reverse-continue
check shared.taken==0 goes_back_to_before_a_change
delete
reverse-continue
check $pc==$start goes_back_to_the_beginning
continue
check shared.taken==1 goes_on_to_the_same_end
set variable shared.log[0].kind = 77
check shared.log[0].kind==77 changes_memory
set $old = $r5
set variable $r5 = 0x123456789abcdef
check $r5==0x123456789abcdef changes_a_register
set variable $r5 = $old
monitor history
monitor no such step
monitor guest stop status=7
detach
