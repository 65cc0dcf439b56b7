package hackfest

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// ImageNumber identifies an Image inside one database; people see its slug.
type ImageNumber int64

// Image is a base image: what an instance is before a recipe has run on it.
type Image struct {
	ID           ImageNumber
	Slug         string
	Name         string // as in "Fedora 16"
	Distribution string // as in "fedora"; may be empty
	Release      string // as in "16"; may be empty
	Architecture string // as in "x86_64"
	Login        string // user to sign in as; "" is not known
	IDs          []ImageID
	RetiredAt    time.Time // since when nobody is asked to try it; zero is offered
	Revision     int
	CreatedAt    time.Time
}

// ImageID is what an image is called in a cloud.
type ImageID struct {
	Cloud string // as in "sandbox"
	ID    string // "emi-…" or "ami-…"
}

// The longest parts of an image.
const (
	MaxImageName  = 80 // characters
	MaxImageCloud = 80
	MaxImageIDs   = 30
)

var (
	imageIDShape      = regexp.MustCompile(`^[ae]mi-[0-9A-Za-z]{4,32}$`)
	architectureShape = regexp.MustCompile(`^[a-z0-9_]{1,20}$`)
	loginShape        = regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,31}$`)
)

// Tidy returns i as it is kept, and what is wrong with it: fault.Invalid on the
// fields.
func (i Image) Tidy() (Image, error) {
	var wrong []error
	i.Name = strings.Join(strings.Fields(i.Name), " ")
	if n := utf8.RuneCountInString(i.Name); n == 0 || n > MaxImageName {
		wrong = append(wrong, fault.On("name", "Name the image in at most %d characters, as in Fedora 16.", MaxImageName))
	} else if Slug(i.Name) == "" {
		wrong = append(wrong, fault.On("name", "The name needs a letter or a digit of the Latin alphabet: it becomes part of an address."))
	}
	i.Distribution, i.Release, wrong = tidyRelease(i.Distribution, i.Release, wrong)
	if i.Architecture = strings.ToLower(strings.TrimSpace(i.Architecture)); i.Architecture == "" {
		i.Architecture = "x86_64"
	}
	if !architectureShape.MatchString(i.Architecture) {
		wrong = append(wrong, fault.On("architecture", "Write the architecture as in x86_64."))
	}
	if i.Login = strings.TrimSpace(i.Login); i.Login != "" && !loginShape.MatchString(i.Login) {
		wrong = append(wrong, fault.On("login", "A login has small letters, digits, - and _, and begins with a letter."))
	}
	if len(i.IDs) > MaxImageIDs {
		wrong = append(wrong, fault.On("ids", "An image has ids in at most %d clouds.", MaxImageIDs))
	}
	return i, errors.Join(wrong...)
}

// ParseImageIDs reads the ids of an image in each cloud, one a line: the name of
// the cloud, a colon and the id. What it cannot read is fault.Invalid on "ids".
func ParseImageIDs(text string) ([]ImageID, error) {
	var list []ImageID
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line == "" {
			continue
		}
		cut := strings.LastIndexAny(line, ": ")
		if cut < 0 {
			return nil, fault.On("ids", "Write a cloud and an id on each line, as in sandbox: emi-27F73C1A.")
		}
		x := ImageID{Cloud: strings.TrimSpace(strings.TrimRight(line[:cut+1], ": ")), ID: line[cut+1:]}
		switch {
		case x.Cloud == "" || utf8.RuneCountInString(x.Cloud) > MaxImageCloud:
			return nil, fault.On("ids", "Name the cloud before the id, in at most %d characters.", MaxImageCloud)
		case !imageIDShape.MatchString(x.ID):
			return nil, fault.On("ids", "An id begins with emi- or ami-, then letters and digits, as in sandbox: emi-27F73C1A.")
		case seen[x.Cloud]:
			return nil, fault.On("ids", "%s is listed twice.", x.Cloud)
		}
		seen[x.Cloud] = true
		list = append(list, x)
	}
	return list, nil
}

// FormatImageIDs writes ids as ParseImageIDs reads them.
func FormatImageIDs(list []ImageID) string {
	var b strings.Builder
	for _, x := range list {
		b.WriteString(x.Cloud + ": " + x.ID + "\n")
	}
	return b.String()
}

// CompareReleases orders releases by their numbers: 9 before 10, 12.04 before
// 12.10.
func CompareReleases(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
}
