package logformat

import "testing"

// sampleLog is a small log of one format with everything the format has.
type sampleLog struct {
	name, log   string
	options     Options
	wantFormat  string
	wantChannel string
	wantNetwork string
	skipped     int
	want        string // as show writes it
}

// samples are read by tests and are the seeds of the fuzz targets.
var samples = []sampleLog{
	{
		name: "MeetBot", wantFormat: "meetbot",
		log:  "18:17:03 <ann> #startmeeting\n18:17:03 <bot> Meeting started Fri Aug 10 18:17:03 2012 UTC.\n18:17:04 * ann waves\n18:17:05 <ann> * starred",
		want: "2012-08-10T18:17:03Z message ann \"#startmeeting\"\n2012-08-10T18:17:03Z message *bot \"Meeting started Fri Aug 10 18:17:03 2012 UTC.\"\n2012-08-10T18:17:04Z action ann \"waves\"\n2012-08-10T18:17:05Z message ann \"* starred\"",
	},
	{
		name: "copied off a terminal: the rest of a long line stands below it", wantFormat: "hhmm", options: Options{Date: aug10},
		log:  "18:17 < ann> one two three four five six seven eight nine ten eleven twelve\n                 thirteen and so on, as wide as the terminal is wide\n                 fourteen\n18:18 <@bob> hi",
		want: "2012-08-10T18:17:00Z message ann \"one two three four five six seven eight nine ten eleven twelve thirteen and so on, as wide as the terminal is wide fourteen\"\n2012-08-10T18:18:00Z message @bob \"hi\"",
	},
	{
		name: "brackets", wantFormat: "brackets", options: Options{Date: aug10}, log: "[18:17] <@ann> hi\n[18:17:04] * ann waves",
		want: "2012-08-10T18:17:00Z message @ann \"hi\"\n2012-08-10T18:17:04Z action ann \"waves\"",
	},
	{
		name: "ISO times", wantFormat: "iso", log: "2012-08-10T18:17:03+02:00 <ann> hi\n[2012-08-10 18:17:03.5] * ann hi",
		want: "2012-08-10T16:17:03Z message ann \"hi\"\n2012-08-10T18:17:03Z action ann \"hi\"",
	},
	{
		name: "irssi with all its events", wantFormat: "irssi", wantChannel: "#euca",
		log: "--- Log opened Fri Aug 10 23:58:01 2012\n23:58 -!- ann [~ann@host.example] has joined #euca\n23:58 -!- Irssi: #euca: Total of 3 nicks [1 ops, 0 halfops, 0 voices, 2 normal]\n" +
			"23:58 <@ann> hi\n23:58 <+bob> hi\n23:58 < carol> * hi\n23:59  * bob waves\n23:59 -!- mode/#euca [+o bob] by ann, ChanServ\n23:59 -!- ServerMode/#euca [+nt] by irc.example\n" +
			"23:59 -bob:#euca- noticed\n23:59 -!- ann changed the topic of #euca to: Now: this\n--- Day changed Sat Aug 11 2012\n" +
			"00:01 -!- bob is now known as rob\n00:02 -!- carol was kicked from #euca by ann [enough]\n00:03 -!- rob [~bob@host.example] has left #euca [gone]\n" +
			"00:04 -!- ann [~ann@host.example] has quit [Ping timeout: 240 seconds]\n00:05 -!- Netsplit a.example <-> b.example quits: @dan, eve, (+2 more, use /NETSPLIT to show all of them)\n" +
			"00:06 -!- Netsplit over, joins: dan\n--- Log closed Sat Aug 11 00:07:00 2012",
		want: "2012-08-10T23:58:00Z join ann \"\"\n2012-08-10T23:58:00Z message @ann \"hi\"\n2012-08-10T23:58:00Z message bob \"hi\"\n2012-08-10T23:58:00Z message carol \"* hi\"\n" +
			"2012-08-10T23:59:00Z action bob \"waves\"\n2012-08-10T23:59:00Z mode ann \"+o bob\"\n2012-08-10T23:59:00Z mode irc.example \"+nt\"\n2012-08-10T23:59:00Z notice bob \"noticed\"\n" +
			"2012-08-10T23:59:00Z topic ann \"Now: this\"\n2012-08-11T00:01:00Z nick bob>rob \"\"\n2012-08-11T00:02:00Z kick ann>carol \"enough\"\n2012-08-11T00:03:00Z part rob \"gone\"\n" +
			"2012-08-11T00:04:00Z quit ann \"Ping timeout: 240 seconds\"\n2012-08-11T00:05:00Z quit dan \"a.example b.example\"\n2012-08-11T00:05:00Z quit eve \"a.example b.example\"\n" +
			"2012-08-11T00:06:00Z join dan \"\"\n2012-08-11T00:07:00Z gap  \"the log was closed\"",
	},
	{
		name: "irssi: a day that changes tells the day before it", wantFormat: "irssi",
		log:  "22:00 -!- ann [a@b] has joined #c\n23:00 <ann> a\n01:00 <ann> b\n--- Day changed Sun Aug 12 2012\n00:00 <ann> c",
		want: "2012-08-10T22:00:00Z join ann \"\"\n2012-08-10T23:00:00Z message ann \"a\"\n2012-08-11T01:00:00Z message ann \"b\"\n2012-08-12T00:00:00Z message ann \"c\"", wantChannel: "#c",
	},
	{
		name: "irssi: a quiet week between two sessions, the caller moves both", wantFormat: "irssi", options: Options{Date: aug10},
		log:  "--- Log opened Mon Jan 02 18:00:00 2012\n18:01:00 <ann> a\n--- Log closed Mon Jan 02 18:02:00 2012\n--- Log opened Mon Jan 09 18:00:00 2012\n18:01:00 <ann> b",
		want: "2012-08-10T18:01:00Z message ann \"a\"\n2012-08-10T18:02:00Z gap  \"the log was closed\"\n2012-08-17T18:01:00Z message ann \"b\"",
	},
	{
		name: "WeeChat", wantFormat: "weechat", wantChannel: "#euca",
		log: "2012-08-10 18:17:03\t-->\tann (~ann@host.example) has joined #euca\n2012-08-10 18:17:03\t--\tTopic for #euca is \"x\"\n2012-08-10 18:17:04\t@ann\thi\n2012-08-10 18:17:05\t *\tann waves\n" +
			"2012-08-10 18:17:06\t--\tbob is now known as rob\n2012-08-10 18:17:07\t--\tMode #euca [+o rob] by ann\n2012-08-10 18:17:08\t--\trob has changed topic for #euca from \"a\" to \"b\"\n" +
			"2012-08-10 18:17:09\t--\tNotice(rob) -> #euca: noticed\n2012-08-10 18:17:10\t<--\tann has kicked rob (enough)\n2012-08-10 18:17:11\t<--\tann (~ann@host.example) has left #euca (bye)\n" +
			"2012-08-10 18:17:12\t<--\tcarol (~c@host.example) has quit (Quit: gone)\n2012-08-10 18:17:13\t--\tirc: disconnected from server\n2012-08-10 18:17:14\tdan\ta\ttab",
		want: "2012-08-10T18:17:03Z join ann \"\"\n2012-08-10T18:17:04Z message @ann \"hi\"\n2012-08-10T18:17:05Z action ann \"waves\"\n2012-08-10T18:17:06Z nick bob>rob \"\"\n" +
			"2012-08-10T18:17:07Z mode ann \"+o rob\"\n2012-08-10T18:17:08Z topic rob \"b\"\n2012-08-10T18:17:09Z notice rob \"noticed\"\n2012-08-10T18:17:10Z kick ann>rob \"enough\"\n" +
			"2012-08-10T18:17:11Z part ann \"bye\"\n2012-08-10T18:17:12Z quit carol \"Quit: gone\"\n2012-08-10T18:17:13Z gap  \"the program that kept the log was away from here on\"\n2012-08-10T18:17:14Z message dan \"a\\ttab\"",
	},
	{
		name: "ZNC, its day in the name", wantFormat: "znc", options: Options{Name: "freenode/#euca/2012-08-10.log"},
		log: "[18:17:03] *** Joins: ann (~ann@host.example)\n[18:17:04] <ann> hi\n[18:17:05] * ann waves\n[18:17:06] *** bob is now known as rob\n[18:17:07] *** ann sets mode: +o rob\n" +
			"[18:17:08] *** ann changes topic to 'it's on'\n[18:17:09] -rob- noticed\n[18:17:10] *** rob was kicked by ann (enough)\n[18:17:11] *** Parts: ann (~ann@host.example) (so long (bye))\n" +
			"[18:17:12] *** Quits: dan (~dan@host.example) (Quit: gone)",
		want: "2012-08-10T18:17:03Z join ann \"\"\n2012-08-10T18:17:04Z message ann \"hi\"\n2012-08-10T18:17:05Z action ann \"waves\"\n2012-08-10T18:17:06Z nick bob>rob \"\"\n" +
			"2012-08-10T18:17:07Z mode ann \"+o rob\"\n2012-08-10T18:17:08Z topic ann \"it's on\"\n2012-08-10T18:17:09Z notice rob \"noticed\"\n2012-08-10T18:17:10Z kick ann>rob \"enough\"\n" +
			"2012-08-10T18:17:11Z part ann \"so long (bye)\"\n2012-08-10T18:17:12Z quit dan \"Quit: gone\"",
	},
	{
		name: "an older ZNC's name", wantFormat: "znc", options: Options{Name: "#euca_20120810.log"},
		log: "[18:17:03] *** Quits: ann (a@b) (x)", want: "2012-08-10T18:17:03Z quit ann \"x\"",
	},
	{
		name: "Limnoria's ChannelLogger", wantFormat: "limnoria", wantChannel: "#euca",
		log: "2012-08-10T18:17:03  *** ann <ann!~ann@host.example> has joined #euca\n2012-08-10T18:17:04  <ann> hi\n2012-08-10T18:17:05  * ann waves\n2012-08-10T18:17:06  *** bob is now known as rob\n" +
			"2012-08-10T18:17:07  *** ann sets mode: +o rob\n2012-08-10T18:17:08  *** ann changes topic to \"now\"\n2012-08-10T18:17:09  -rob- noticed\n2012-08-10T18:17:10  *** rob was kicked by ann (enough)\n" +
			"2012-08-10T18:17:11  *** ann <ann!~ann@host.example> has left #euca (bye)\n2012-08-10T18:17:12  *** dan <dan!~dan@host.example> has quit IRC (Quit: gone)\n2012-08-10T18:17:13  *** eve has quit IRC\n" +
			"2012-08-10T18:17:14  *** ann <ann!~ann@host.example> invited bob to #euca",
		want: "2012-08-10T18:17:03Z join ann \"\"\n2012-08-10T18:17:04Z message ann \"hi\"\n2012-08-10T18:17:05Z action ann \"waves\"\n2012-08-10T18:17:06Z nick bob>rob \"\"\n" +
			"2012-08-10T18:17:07Z mode ann \"+o rob\"\n2012-08-10T18:17:08Z topic ann \"now\"\n2012-08-10T18:17:09Z notice rob \"noticed\"\n2012-08-10T18:17:10Z kick ann>rob \"enough\"\n" +
			"2012-08-10T18:17:11Z part ann \"bye\"\n2012-08-10T18:17:12Z quit dan \"Quit: gone\"\n2012-08-10T18:17:13Z quit eve \"\"",
	},
	{
		name: "Limnoria where nobody came or went: two blanks are its own", wantFormat: "limnoria",
		log: "2012-08-10T18:17:04  <ann> hi", want: "2012-08-10T18:17:04Z message ann \"hi\"",
	},
	{
		name: "mIRC, over midnight, colours left over", wantFormat: "mirc", wantChannel: "#euca",
		log: "Session Start: Fri Aug 10 23:17:03 2012\nSession Ident: #euca\n03[23:17] * Now talking in #euca\n\x0303[23:17] * Topic is 'x'\n[23:17] <@ann> hi\n[23:18] * ann waves\n[23:18] * ann has joined the others\n" +
			"02[23:19] * Joins: bob (~bob@host.example)\n[23:19] * carol (~carol@host.example) has joined #euca\n[23:20] * bob is now known as rob\n[23:20] * ann sets mode: +o rob\n[23:20] * ann sets mode of the day\n" +
			"[23:21] * rob changes topic to 'now'\n[23:22] -rob:#euca- noticed\n[23:23] * carol was kicked by ann (enough)\n[23:24] * rob (~bob@host.example) has left #euca\n[23:24] * ann (~ann@host.example) Quit (gone)\n" +
			"Session Time: Sat Aug 11 00:00:00 2012\n[00:01] <dan> hi\n[00:02] * Disconnected\nSession Close: Sat Aug 11 00:02:00 2012",
		want: "2012-08-10T23:17:00Z message @ann \"hi\"\n2012-08-10T23:18:00Z action ann \"waves\"\n2012-08-10T23:18:00Z action ann \"has joined the others\"\n2012-08-10T23:19:00Z join bob \"\"\n" +
			"2012-08-10T23:19:00Z join carol \"\"\n2012-08-10T23:20:00Z nick bob>rob \"\"\n2012-08-10T23:20:00Z mode ann \"+o rob\"\n2012-08-10T23:20:00Z action ann \"sets mode of the day\"\n" +
			"2012-08-10T23:21:00Z topic rob \"now\"\n2012-08-10T23:22:00Z notice rob \"noticed\"\n2012-08-10T23:23:00Z kick ann>carol \"enough\"\n2012-08-10T23:24:00Z part rob \"\"\n2012-08-10T23:24:00Z quit ann \"gone\"\n" +
			"2012-08-11T00:01:00Z message dan \"hi\"\n2012-08-11T00:02:00Z gap  \"the program that kept the log was away from here on\"\n2012-08-11T00:02:00Z gap  \"the log was closed\"",
	},
	{
		name: "clocks of twelve hours, noon and midnight", wantFormat: "mirc", options: Options{Date: aug10},
		log:  "11:59 AM <@ann> a\n12:00 PM <ann> b\n1:02:03 pm — @ann hugs bob\n[11:59pm] <ann> c\n[12:01am] * ann waves",
		want: "2012-08-10T11:59:00Z message @ann \"a\"\n2012-08-10T12:00:00Z message ann \"b\"\n2012-08-10T13:02:03Z action @ann \"hugs bob\"\n2012-08-10T23:59:00Z message ann \"c\"\n2012-08-11T00:01:00Z action ann \"waves\"",
	},
	{
		name: "Pidgin", wantFormat: "pidgin", wantChannel: "#euca", wantNetwork: "irc.example.org",
		log: "Conversation with #euca at Fri 10 Aug 2012 06:17:00 PM EDT on me@irc.example.org (irc)\n(06:17:03 PM) The topic for #euca is: x\n(06:17:04 PM) ann [~ann@host.example] entered the room.\n(06:17:05 PM) ann: hi: there\n" +
			"(06:17:06 PM) ***ann waves\n(06:17:07 PM) bob is now known as rob\n(06:17:08 PM) mode (+o rob ) by ann\n(06:17:09 PM) rob has changed the topic to: now\n(06:17:10 PM) ann left the room (quit: gone).\n(08/11/2012 12:01:00 AM) rob: late",
		want: "2012-08-10T18:17:04Z join ann \"\"\n2012-08-10T18:17:05Z message ann \"hi: there\"\n2012-08-10T18:17:06Z action ann \"waves\"\n2012-08-10T18:17:07Z nick bob>rob \"\"\n2012-08-10T18:17:08Z mode ann \"+o rob\"\n" +
			"2012-08-10T18:17:09Z topic rob \"now\"\n2012-08-10T18:17:10Z part ann \"quit: gone\"\n2012-08-11T00:01:00Z message rob \"late\"",
	},
	{
		name: "Pidgin as HTML, 24 hours", wantFormat: "pidgin-html", wantChannel: "#euca", wantNetwork: "irc.example.org",
		log: "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=UTF-8\"><title>Conversation with #euca at Fri 10 Aug 2012 18:17:00 UTC on me@irc.example.org (irc)</title></head><body><h3>Conversation with #euca at Fri 10 Aug 2012 18:17:00 UTC on me@irc.example.org (irc)</h3>\n" +
			"<font color=\"#A82F2F\"><font size=\"2\">(18:17:03)</font> <b>ann:</b></font> a &lt;b&gt;c&lt;/b&gt; &amp;lt; <a href=\"http://x.example/?a&amp;b\">http://x.example/?a&amp;b</a><br/>\n" +
			"<font color=\"#062585\"><font size=\"2\">(18:17:04)</font> <b>***ann</b></font> waves<br/>\n<font size=\"2\">(18:17:05)</font><b> bob [~b@host.example] entered the room.</b><br/>\n</body></html>",
		want: "2012-08-10T18:17:03Z message ann \"a <b>c</b> &lt; http://x.example/?a&b\"\n2012-08-10T18:17:04Z action ann \"waves\"\n2012-08-10T18:17:05Z join bob \"\"",
	},
	{
		name: "RRSAgent's text", wantFormat: "rrsagent", wantChannel: "#euca",
		log: "IRC log of euca on 2012-08-10\n\nTimestamps are in UTC.\n\n18:17:03 <RRSAgent> RRSAgent has joined #euca\n18:17:03 <RRSAgent> logging to https://www.w3.org/2012/08/10-euca-irc\n18:17:04 <ann> Topic: One\n" +
			"18:17:05 <ann> ann has joined the others\n18:17:06 <ann> ann has changed the topic to: One\n18:17:07 <bob> bob has left #euca",
		want: "2012-08-10T18:17:03Z join RRSAgent \"\"\n2012-08-10T18:17:03Z message RRSAgent \"logging to https://www.w3.org/2012/08/10-euca-irc\"\n2012-08-10T18:17:04Z message ann \"Topic: One\"\n" +
			"2012-08-10T18:17:05Z message ann \"ann has joined the others\"\n2012-08-10T18:17:06Z topic ann \"One\"\n2012-08-10T18:17:07Z part bob \"\"",
	},
	{
		name: "RRSAgent's HTML, copied from the browser, without its head", wantFormat: "rrsagent", wantChannel: "#euca",
		log:  "18:17:03 [RRSAgent]\nlogging to https://www.w3.org/2012/08/10-euca-irc\n18:17:04 [ann]\nhi [there]\n18:17:05 [ann]\n18:17:06 no time",
		want: "2012-08-10T18:17:03Z message RRSAgent \"logging to https://www.w3.org/2012/08/10-euca-irc\"\n2012-08-10T18:17:04Z message ann \"hi [there]\"\n2012-08-10T18:17:05Z message ann \"18:17:06 no time\"",
	},
	{
		name: "RRSAgent's HTML", wantFormat: "rrsagent-html", wantChannel: "#euca",
		log: "<!DOCTYPE html>\n<html><head><title>IRC log of euca on 2012-08-10</title></head><body>\n<h1>IRC log of euca on 2012-08-10</h1>\n<p><em>Timestamps are in UTC.</em></p>\n<dl>\n" +
			"<dt id=\"T18-17-03\">18:17:03 [ann]</dt><dd>ann has joined #euca</dd>\n<dt id=\"T18-17-04\">18:17:04 [ann]</dt>\n<dd>a &lt;script&gt;alert(1)&lt;/script&gt;</dd>\n</dl>\n</body></html>",
		want: "2012-08-10T18:17:03Z join ann \"\"\n2012-08-10T18:17:04Z message ann \"a <script>alert(1)</script>\"",
	},
	{
		name: "bip", wantFormat: "bip", wantChannel: "#euca",
		log: "10-08-2012 18:17:03 -!- ann!~ann@host.example has joined #euca\n10-08-2012 18:17:04 < ann!~ann@host.example: hi: there\n10-08-2012 18:17:05 > me: hello\n10-08-2012 18:17:06 < * ann!~ann@host.example waves\n" +
			"10-08-2012 18:17:07 -!- bob!~bob@host.example is now known as rob\n10-08-2012 18:17:08 -!- mode/#euca [+o rob] by ann!~ann@host.example\n10-08-2012 18:17:09 -!- ann!~ann@host.example changed topic of #euca to: now\n" +
			"10-08-2012 18:17:10 -!- rob has been kicked by ann!~ann@host.example [enough]\n10-08-2012 18:17:11 -!- ann!~ann@host.example has left #euca [bye]\n10-08-2012 18:17:12 -!- dan!~dan@host.example has quit [gone]\n" +
			"10-08-2012 18:17:13 -!- Disconnected from server...",
		want: "2012-08-10T18:17:03Z join ann \"\"\n2012-08-10T18:17:04Z message ann \"hi: there\"\n2012-08-10T18:17:05Z message me \"hello\"\n2012-08-10T18:17:06Z action ann \"waves\"\n2012-08-10T18:17:07Z nick bob>rob \"\"\n" +
			"2012-08-10T18:17:08Z mode ann \"+o rob\"\n2012-08-10T18:17:09Z topic ann \"now\"\n2012-08-10T18:17:10Z kick ann>rob \"enough\"\n2012-08-10T18:17:11Z part ann \"bye\"\n2012-08-10T18:17:12Z quit dan \"gone\"\n" +
			"2012-08-10T18:17:13Z gap  \"the program that kept the log was away from here on\"",
	},
	{
		name: "MeetBot's HTML", wantFormat: "meetbot-html", wantChannel: "#euca", options: Options{Name: "euca.2012-08-10-18.17.log.html"},
		log: "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\">\n<html>\n<head>\n<title>#euca log</title>\n</head>\n\n<body>\n" +
			"<pre><a href=\"#l-1\" name=\"l-1\"><span class=\"tm\">18:17:03</span></a><span class=\"nk\"> &lt;ann&gt;</span> <span class=\"cmd\">#startmeeting</span><span class=\"cmdline\"></span>\n" +
			"<a href=\"#l-2\" name=\"l-2\"><span class=\"tm\">18:17:04</span></a><span class=\"nk\"> &lt;@bob&gt;</span> <span class=\"hi\">ann:</span> &lt;img src=x onerror=alert(1)&gt; &amp;amp;\n" +
			"<a href=\"#l-3\" name=\"l-3\"><span class=\"tm\">18:17:05 </span></a><span class=\"nka\">* bob</span> <span class=\"ac\">waves</span>\nbroken</pre>\n</body></html>",
		skipped: 1,
		want:    "2012-08-10T18:17:03Z message ann \"#startmeeting\"\n2012-08-10T18:17:04Z message @bob \"ann: <img src=x onerror=alert(1)> &amp;\"\n2012-08-10T18:17:05Z action bob \"waves\"",
	},
	{
		name: "HcoopMeetbot's HTML tells /me by its class", wantFormat: "meetbot-html", options: Options{Date: aug10},
		log: "<!DOCTYPE html>\n<html>\n<head>\n<title>Weekly Log</title>\n</head>\n<body>\n<pre>\n<a name=\"id-0\"></a><span class=\"tm\">18:17:03</span> <span class=\"nk\">&lt;ann&gt;</span> <span><span class=\"cmd\">#startmeeting </span><span class=\"cmdline\"><span></span></span></span>\n" +
			"<a name=\"id-1\"></a><span class=\"tm\">18:17:04</span> <span class=\"nka\">&lt;ann&gt;</span> <span class=\"ac\"><span><span>waves</span></span></span>\n\n</pre>\n</body>\n</html>",
		want: "2012-08-10T18:17:03Z message ann \"#startmeeting\"\n2012-08-10T18:17:04Z action ann \"waves\"",
	},
	{
		name: "opendev", wantFormat: "opendev",
		log: "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\">\n<html>\n<head>\n  <title>Friday, 2012-08-10</title>\n</head>\n<body>\n<h1>Friday, 2012-08-10</h1>\n<table class=\"irclog\">\n" +
			"<tr id=\"t2012-08-10T18:17:03\"><th class=\"nick\" style=\"background: #407a40\">ann</th><td class=\"text\" style=\"color: #407a40\">see <a href=\"https://x.example/\" rel=\"nofollow\">https://x.example/</a> &lt;b&gt;&nbsp;&nbsp;x</td><td class=\"time\"><a href=\"#t2012-08-10T18:17:03\" class=\"time\">18:17</a></td></tr>\n" +
			"<tr id=\"t2012-08-10T18:17:03-2\"><td class=\"action\" colspan=\"2\">* ann waves</td><td><a href=\"#t2012-08-10T18:17:03-2\" class=\"time\">18:17</a></td></tr>\n" +
			"<tr id=\"t2012-08-10T18:17:04\"><td class=\"join\" colspan=\"2\">*** bob has joined #euca</td><td><a href=\"#t2012-08-10T18:17:04\" class=\"time\">18:17</a></td></tr>\n" +
			"<tr id=\"t2012-08-10T18:17:05\"><td class=\"nickchange\" colspan=\"2\">*** bob is now known as rob</td><td><a href=\"#t2012-08-10T18:17:05\" class=\"time\">18:17</a></td></tr>\n" +
			"</table>\n<div class=\"generatedby\">\n<p>Generated by irclog2html.py</p>\n</div>\n</body>\n</html>",
		want: "2012-08-10T18:17:03Z message ann \"see https://x.example/ <b>  x\"\n2012-08-10T18:17:03Z action ann \"waves\"\n2012-08-10T18:17:04Z join bob \"\"\n2012-08-10T18:17:05Z nick bob>rob \"\"", wantChannel: "#euca",
	},
	{
		name: "opendev in paragraphs, the day in the title only", wantFormat: "opendev",
		log: "<html>\n<title>Friday, 2012-08-10</title>\n<div class=\"irclog\">\n<p id=\"t18:17:03\" class=\"comment\"><a href=\"#t18:17:03\" class=\"time\">18:17</a> <span class=\"nick\" style=\"color: #407a40\">&lt;ann&gt;</span> <span class=\"text\">hi</span></p>\n" +
			"<p id=\"t18:17:04\" class=\"action\"><a href=\"#t18:17:04\" class=\"time\">18:17</a> * ann waves</p>\n</div>\n</html>",
		want: "2012-08-10T18:17:03Z message ann \"hi\"\n2012-08-10T18:17:04Z action ann \"waves\"",
	},
	{
		name: "HcoopMeetbot's JSON", wantFormat: "hcoop", wantChannel: "#euca", wantNetwork: "LiberaChat", skipped: 2,
		log: `{"id": "1", "name": "#euca", "channel": "#euca", "network": "LiberaChat", "start_time": "2012-08-10T18:17:03+00:00", "messages": [
{"id": "a", "sender": "ann", "payload": "#startmeeting", "action": false, "timestamp": "2012-08-10T18:17:03.123456+00:00"},
{"id": "b", "sender": "ann", "payload": "waves \u0000\n<b>", "action": true, "timestamp": "2012-08-10T20:17:04+02:00"},
{"id": "c", "sender": "ann", "payload": 7, "timestamp": "then"}, {"sender": "\u0000", "payload": "", "timestamp": "2012-08-10T18:17:03"}], "events": []}`,
		want: "2012-08-10T18:17:03Z message ann \"#startmeeting\"\n2012-08-10T18:17:04Z action ann \"waves � <b>\"",
	},
	{
		name: "bytes of Windows-1252 in HTML", wantFormat: "meetbot-html", options: Options{Date: aug10},
		log:  "<html>\n<pre>\n<span class=\"tm\">18:17:03</span> <span class=\"nk\">&lt;ann&gt;</span> caf\xe9\n</pre>",
		want: `2012-08-10T18:17:03Z message ann "café"`,
	},
}

func TestSamples(t *testing.T) {
	t.Parallel()
	for _, tt := range samples {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log, err := Read([]byte(tt.log), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			if log.Format != tt.wantFormat || len(log.Skipped) != tt.skipped {
				t.Errorf("format %s, skipped %v, want %s, %d", log.Format, log.Skipped, tt.wantFormat, tt.skipped)
			}
			if log.Channel != tt.wantChannel || log.Network != tt.wantNetwork {
				t.Errorf("channel %q, network %q", log.Channel, log.Network)
			}
			if got := show(log.Lines); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// The share of what is explained is stated, and what the caller says of network
// and channel counts more than what the log says.
func TestConfidence(t *testing.T) {
	t.Parallel()
	log, err := Read([]byte("2012-08-10 18:17:03\t-->\tann (a@b) has joined #c\n\n2012-08-10 18:17:03\tann\thi\nx\ny"), Options{Channel: "#mine", Network: "net"})
	if err != nil || log.Confidence != 0.5 || log.Rows != 4 {
		t.Errorf("confidence %f of %d rows, %v", log.Confidence, log.Rows, err)
	}
	if l := log.Lines[0]; l.Channel != "#mine" || l.Network != "net" || log.Channel != "#mine" {
		t.Errorf("line of %q on %q", l.Channel, l.Network)
	}
}

// Where formats explain as much, the one with rows of its own wins, and the
// plain one where nobody has.
func TestCloseCalls(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, log, want string }{
		{"nothing of irssi's own", "18:17 < ann> hi", "hhmm"},
		{"a line of irssi's own", "18:17 < ann> hi\n18:18 -!- bob [b@c] has quit [x]", "irssi"},
		{"nothing of ZNC's own", "[18:17:03] <ann> hi", "brackets"},
		{"a line of ZNC's own", "[18:17:03] <ann> hi\n[18:17:04] *** Joins: bob (b@c)", "znc"},
		{"mIRC has one star", "[18:17:03] <ann> hi\n[18:17:04] * Joins: bob (b@c)", "mirc"},
		{"an offset and one blank", "2012-08-10T18:17:03Z <ann> hi", "iso"},
		{"two blanks", "2012-08-10T18:17:03  <ann> hi", "limnoria"},
		{"RRSAgent says so", "18:17:03 <ann> hi\n18:17:03 <RRSAgent> logging to http://www.w3.org/2012/08/10-euca-irc", "rrsagent"},
		{"nobody does", "18:17:03 <ann> hi\n18:17:03 <bob> logging to http://www.w3.org/2012/08/10-euca-irc", "meetbot"},
	} {
		log, err := Read([]byte(tt.log), Options{Date: aug10})
		if err != nil || log.Format != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.name, log.Format, err, tt.want)
		}
	}
}
