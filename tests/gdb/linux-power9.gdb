# Linux on POWER9, restored, with its address translation on: the handler of its decrementer.
set architecture powerpc:common64
set endian little
target remote sock
set $handler = 0x900
x/i $pc
monitor history 2
break *$handler
continue
check $pc==$handler stops_at_a_handler
x/2i $pc
