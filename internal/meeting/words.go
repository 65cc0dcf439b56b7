package meeting

import "strings"

// commonWords are English words that people also take as nicks. As an owner of
// an action such a nick must be addressed; see Owners.In. Names that are hardly
// ever anything else in the minutes of a meeting are not among them.
var commonWords = wordSet(`
a able about above across act action actions add after again against ago agree ahead all allow almost alone along
already also although always am among an and another any anybody anyone anything are area around as ask at away
back bad be because become been before begin behind being best better between big bit both bring build but buy by
call called came can cannot care case change check clean clear close code come common could
data day days dead deal decide did do does doing done down draft drop due during
each early easy either else end enough even ever every everybody everyone everything
fact fail far fast few file files fill final find fine first fix follow for form found free fresh friday from full
gave general get gets give given go goes going gone good got great group had half hand happy hard has have having he
head hear help her here hero hers him his hold home hope host how however
i idea if important in info inside instead into is issue issues it its itself
job join just keep key kind know known last late later lead learn least leave left less let lets light like line link
list little live long look lost lot low made mail main make makes man many may maybe me mean meet meeting might
mind mine minor minute minutes monday month more most move much must my myself
name near need needs never new news next nice night no nobody none nor not note notes nothing now number
of off often ok old on once one only open or order other others our out over own
page part past people per person phase pick place plan play please point post present press pull push put
question quick quiet quite raise ran rather read ready real really reason release report rest review right room root
run running
said same saturday save saw say second see seem self send sent set she should show side simple since site small so some
somebody someone something soon space start state stay step still stop such sunday sure system
take talk target task team tell test text than thank thanks that the their them then there these they thing things
think third this those though three through thursday time to today together told tomorrow tonight too top topic total
toward true try tuesday turn two
under until up update upon us use used user using very via vote wait want was watch way we wednesday week welcome well
went were what when where which while who whole whom whose why will wish with within without work works world would
write yes yesterday yet you your yours yourself zero
`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}
