package recipe

import (
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Start is what an instance is started with.
type Start struct {
	File  string // with the user-data, as FileName makes it
	Image string // id; "" is left to who types it
	Type  string // of the instance; "" is the cloud's own choice
	Key   string // name of the key pair
	Group string // security group
	Ports hackfest.Ports
}

// image is the id as a word of the command.
func (s Start) image() string {
	if s.Image == "" {
		return `"$IMAGE"`
	}
	return Quote(s.Image)
}

// Own reports whether the image is one of a cloud of one's own, which AWS's
// command has to be told the address of.
func (s Start) Own() bool { return !strings.HasPrefix(s.Image, "ami-") }

// Euca2ools are the commands of euca2ools: those that open the ports, then the
// one that starts the instance.
func (s Start) Euca2ools() (open, run string) {
	for _, p := range s.Ports {
		open += "euca-authorize -P " + p.Protocol + " -p " + p.Span() + " -s 0.0.0.0/0 " + Quote(s.Group) + "\n"
	}
	run = "euca-run-instances"
	if s.Type != "" {
		run += " -t " + Quote(s.Type)
	}
	run += " -g " + Quote(s.Group) + " -k " + Quote(s.Key) + " \\\n    -f " + Quote(s.File) + " " + s.image() + "\n"
	return open, run
}

// AWS are the commands of the AWS command line, the same as with Euca2ools.
func (s Start) AWS() (open, run string) {
	aws := "aws ec2 "
	if s.Own() {
		aws = `aws --endpoint-url "$EC2_URL" ec2 `
	}
	for _, p := range s.Ports {
		open += aws + "authorize-security-group-ingress --group-name " + Quote(s.Group) + " \\\n    --protocol " + p.Protocol + " --port " +
			p.Span() + " --cidr 0.0.0.0/0\n"
	}
	run = aws + "run-instances --image-id " + s.image() + " \\\n    "
	if s.Type != "" {
		run += "--instance-type " + Quote(s.Type) + " "
	}
	run += "--security-groups " + Quote(s.Group) + " --key-name " + Quote(s.Key) + " \\\n    --user-data " + Quote("file://"+s.File) + "\n"
	return open, run
}
