# check CONDITION NAME
set confirm off
define check
	if $arg0
		echo good $arg1\n
	else
		echo WRONG $arg1\n
		x/i $pc
	end
end
