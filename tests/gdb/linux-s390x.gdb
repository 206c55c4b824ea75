# Linux on s390x, restored, with its address translation on: the external new PSW says where the handler is that takes a signal.
set architecture s390:64-bit
target remote sock
set $handler = *(unsigned long long *)0x1b8
monitor history 2
monitor inject emergency cpu=0 from=0 as=signal
break *$handler
continue
check $pc==$handler stops_at_a_handler
x/2i $pc
