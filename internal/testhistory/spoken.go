package testhistory

import "strings"

// spoken is what people say; %s is somebody's nick, %d a small number, %w a word
// that nobody said before, %o one that somebody said.
var spoken = strings.Split(`hello
%w I say, and more of that
* waves %w
#topic Images %w
#topic two
#subtopic part %w
#next
#next
#info %w
#info %w
#action %s to do %w
#action %s and %s to do %w, due 2030-01-0%d
#agreed on %w
#rejected %w
#accepted %w
#idea %w
#help %w
#link http://example.org/%w the text
http://example.org/%w
s/%o/%w/
s/%o/%w/
#undo
#undo
#chair %s
#unchair %s
#nick zoe
#startvote Which %w? %w, blue sky, red
#startvote Ship %w?
#secretvote
#vote blue sky
#vote red
+1
-1
0
#showvote
#endvote
#endvote
#quorum %d
#voters %s ann %s
#voters all
q+ to say %w
q+
q-
q+ %s
ack %s
#lesson+ %w
#lesson- %w
#lesson %w
#target openshift
#here alias %w
present+ %s
present-
regrets+
regrets+ %s
#done %d
#carry 1, 2
#drop %d
#off 20s
#off
#on
#on
#restrictlogs
#save
#lurk
#unlurk
#meetingname %w
#meetingtopic %w
%w/recipes#%d
[off] psst %w
kept %w [off] psst
#topci %w
#status
#commands
ACTION: %s to do %w
RESOLVED: %w
Topic: %w`, "\n")
