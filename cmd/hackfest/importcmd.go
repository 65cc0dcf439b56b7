package main

// importCmd is hackfest import.
type importCmd struct {
	Logs     importLogsCmd     `cmd:"" default:"withargs" help:"Bring IRC logs and MeetBot archives into the portal."`
	Calendar importCalendarCmd `cmd:"" help:"Show what somebody else's calendar plans."`
	Recipes  importRecipesCmd  `cmd:"" help:"Bring in the recipes of a repository."`
	Export   importExportCmd   `cmd:"" help:"Bring what \"hackfest export\" wrote into an empty portal."`
}

// Help is what follows the flags.
func (importCmd) Help() string {
	return `It works on the portal's database, on DATABASE_URL or the private one in the data directory, whether the
portal runs or not; run it as the user who runs the portal. What is there already is not doubled.`
}
