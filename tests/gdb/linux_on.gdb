# Goes on behind linux.gdb, some steps later.
set $here = $pc
check $pc>$handler&&$pc<$handler+64 steps
reverse-continue
check $pc==$handler goes_back
monitor history 0
delete
break *$here
continue
check $pc==$here stops_while_it_runs
delete
detach
