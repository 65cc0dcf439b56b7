package web

import (
	"net/http"

	"github.com/eucalyptus/hackfest/internal/person"
)

// targetProposing proposes a target by API.
type targetProposing struct {
	Name    string `json:"name" about:"what should run, as people look for it"`
	About   string `json:"about,omitempty" about:"what it is, in plain text"`
	Goal    string `json:"goal,omitempty" about:"how one would see that it works"`
	Project string `json:"project,omitempty" is:"uri" about:"where its source or its own pages are"`
	Mine    bool   `json:"mine,omitempty" about:"you will look after it"`
}

// targetEditing changes the words of a target by API.
type targetEditing struct {
	Name     string `json:"name,omitempty"`
	Sentence string `json:"sentence,omitempty" about:"how it stands, in one sentence; leave a field out to leave it as it is"`
	About    string `json:"about,omitempty" about:"what it is, in plain text"`
	Goal     string `json:"goal,omitempty" about:"how one would see that it works"`
	Project  string `json:"project,omitempty" about:"where its source or its own pages are; may be empty"`
	Revision int    `json:"revision,omitempty" about:"of the target that you read; another one there is a conflict"`
}

// targetStaging moves a target on the board by API.
type targetStaging struct {
	Stage    string `json:"stage" is:"idea|planned|trying|notes|works|parked"`
	Session  string `json:"session,omitempty" about:"slug of the session that showed it"`
	Note     string `json:"note,omitempty" about:"why; needed for parking and for override"`
	Override bool   `json:"override,omitempty" about:"although the stage’s condition is not met; for maintainers"`
	Revision int    `json:"revision,omitempty" about:"of the target that you read; another one there is a conflict"`
}

// targetBacking says that somebody wants a target.
type targetBacking struct{}

// lessonWriting is a lesson written or changed by API.
type lessonWriting struct {
	Text     string `json:"text" about:"one sentence that somebody can act on"`
	Kind     string `json:"kind" is:"do_again|avoid|unknown|broken_upstream"`
	Scope    string `json:"scope" is:"all|target|image" about:"what it is true for"`
	Target   string `json:"target,omitempty" about:"slug, when it is true for a target"`
	Image    string `json:"image,omitempty" about:"name, when it is true for a base image"`
	Evidence string `json:"evidence,omitempty" about:"address of what shows it, where no line does"`
	Line     string `json:"line,omitempty" about:"id of the log line that it is made of; it goes when that is removed"`
	Publish  bool   `json:"publish,omitempty" about:"at once, if you may; else it waits for a maintainer"`
}

// lessonChanging is a lesson changed by API.
type lessonChanging struct {
	Text     string `json:"text" about:"one sentence that somebody can act on"`
	Kind     string `json:"kind" is:"do_again|avoid|unknown|broken_upstream"`
	Scope    string `json:"scope" is:"all|target|image" about:"what it is true for"`
	Target   string `json:"target,omitempty" about:"slug, when it is true for a target"`
	Image    string `json:"image,omitempty" about:"name, when it is true for a base image"`
	Evidence string `json:"evidence,omitempty" about:"address of what shows it, where no line does"`
	Revision int    `json:"revision,omitempty" about:"of the lesson that you read; another one there is a conflict"`
}

// lessonPublishing publishes a lesson that waits.
type lessonPublishing struct{}

// lessonRetiring retires a lesson by API.
type lessonRetiring struct {
	Why string `json:"why" about:"what has changed"`
}

// lessonID is the lesson in a path.
var lessonID = named("lesson", "its id")

// targetOperations are what the API does with targets and lessons, besides
// reading lists of them.
var targetOperations = []operation{
	{
		name: "proposeTarget", method: http.MethodPost, path: "/targets", does: person.ProposeTarget, body: targetProposing{}, answer: apiDone{},
		summary: "Propose a target", about: "It is on the board as an idea, and you are counted among those who want it.",
	},
	{
		name: "editTarget", method: http.MethodPost, path: "/targets/{target}", does: person.EditTarget, body: targetEditing{}, answer: apiDone{},
		summary: "Change the words of a target", params: []parameter{named("target", "slug")},
	},
	{
		name: "moveTarget", method: http.MethodPost, path: "/targets/{target}/stage", does: person.EditTarget, body: targetStaging{}, answer: apiDone{},
		summary: "Move a target on the board", params: []parameter{named("target", "slug")},
		about: "Each stage has a condition; an error says what is missing. When it works from then on, a draft of the news is written.",
	},
	{
		name: "backTarget", method: http.MethodPost, path: "/targets/{target}/back", does: person.BackTarget, body: targetBacking{}, answer: apiDone{},
		summary: "Say that you want a target", params: []parameter{named("target", "slug")},
	},
	{
		name: "getLesson", method: http.MethodGet, path: "/lessons/{lesson}", does: person.Read, answer: apiLesson{},
		summary: "One lesson", params: []parameter{lessonID},
	},
	{
		name: "writeLesson", method: http.MethodPost, path: "/lessons", does: person.WriteLesson, body: lessonWriting{}, answer: apiDone{},
		summary: "Write a lesson", about: "It waits for a maintainer, or is published at once.",
	},
	{
		name: "editLesson", method: http.MethodPost, path: "/lessons/{lesson}", does: person.EditLesson, body: lessonChanging{}, answer: apiDone{},
		summary: "Change a lesson", params: []parameter{lessonID}, about: "One that minutes publish is worded there: that is a conflict.",
	},
	{
		name: "publishLesson", method: http.MethodPost, path: "/lessons/{lesson}/publish", does: person.PublishLesson, body: lessonPublishing{}, answer: apiDone{},
		summary: "Publish a lesson that waits", params: []parameter{lessonID},
	},
	{
		name: "retireLesson", method: http.MethodPost, path: "/lessons/{lesson}/retire", does: person.PublishLesson, body: lessonRetiring{}, answer: apiDone{},
		summary: "Retire a lesson that is not true any more", params: []parameter{lessonID},
	},
}

// sendLesson answers GET /api/v1/lessons/{lesson}.
func (s *Server) sendLesson(w http.ResponseWriter, r *http.Request) error {
	l, err := s.lesson(r)
	if err != nil {
		return err
	}
	return s.sendJSON(w, r, s.apiLesson(l))
}
