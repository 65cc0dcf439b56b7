package web

import (
	"github.com/eucalyptus/hackfest/internal/person"
)

// checklistRoutes adds the routes of what is prepared for sessions.
func (s *Server) checklistRoutes(r *table) {
	r.get("/api/v1/checklists/{checklist}", person.ReadChecklist, s.api(s.sendChecklist))
	r.post("/api/v1/sessions/{session}/checks/{check}", person.TickCheck, s.write(s.tickByProgram))
	r.post("/api/v1/sessions/{session}/preflight", person.TickCheck, s.write(s.takePreflight))
	r.post("/api/v1/targets/{target}/preflight", person.TickCheck, s.write(s.takePreflight))
}
