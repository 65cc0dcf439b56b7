package recipe

import (
	"fmt"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// The files of eucalyptus/recipes at its last commit, by their names; what they
// say here is ours.
var eucalyptus = strings.Fields(`
README.md bash/centos/cacti-userdata.sh bash/centos/drupal6_on_centos6.sh bash/centos/gnome-vnc-desktop-userdata.sh
bash/centos/murmur-userdata.sh bash/centos/radius-userdata.sh bash/debian/database.yml bash/debian/email.yml bash/debian/eucabot.README
bash/debian/eucabot.sh bash/debian/mailman.README bash/debian/mailman.sh bash/debian/planet.README bash/debian/planet.sh
bash/debian/postgres.README bash/debian/postgres.sh bash/debian/redmine bash/debian/redmine.README bash/debian/redmine.sh
bash/debian/varnish.README bash/debian/varnish.sh bash/fedora/openshift-origin-broker-fedora16.sh bash/ubuntu/appscale.sh
bash/ubuntu/basic-update.sh bash/ubuntu/graphite.sh bootstrap/README.md bootstrap/bash/rc.local bootstrap/chef/centos/centos5_setup.sh
bootstrap/chef/centos/centos6_setup.sh bootstrap/chef/debian/debian_setup.sh bootstrap/puppet/centos/centos6_nginx.sh
bootstrap/puppet/centos/centos6_puppet_cloud_provisioner.sh bootstrap/puppet/centos/centos6_puppetmaster.sh
bootstrap/puppet/centos/centos6_puppetmaster_apache.sh bootstrap/puppet/centos/centos6_puppetmaster_apache_puppetdb.sh
bootstrap/puppet/centos/centos6_setup.sh bootstrap/puppet/centos/centos_setup.sh bootstrap/puppet/debian/debian_setup.sh
bootstrap/puppet/fedora/fedora17_setup.sh cloud-init/cloud-init-lamp-wordpress.config cloud-init/cloud-init-neo4j.config
cloud-init/cloud-init-openldap.config puppet/euca2ools/README puppet/euca2ools/files/RPM-GPG-KEY-eucalyptus-release
puppet/euca2ools/files/c1240596-eucalyptus-release-key.pub puppet/euca2ools/files/euca2ools.repo puppet/euca2ools/manifests/init.pp
puppet/euca2ools/manifests/install.pp puppet/euca2ools/manifests/repo.pp`)

// contents is what a file of that name says in these tests.
func contents(path string) string {
	switch {
	case strings.HasSuffix(path, ".config"):
		return "#cloud-config\npackages: [a]\n"
	case strings.HasSuffix(path, "README"):
		return "Title\n=====\n\nSets " + path + " up. And more.\n"
	case strings.HasSuffix(path, "redmine.sh"):
		return "#!/bin/bash\ncp database.yml email.yml /etc\n"
	case strings.HasSuffix(path, ".sh"), strings.HasSuffix(path, "rc.local"):
		return "#!/bin/bash\n# Copyright somebody.\n#\n# Makes " + path + " run. Really.\nX=1\n"
	}
	return "something\n"
}

func TestTreeOfEucalyptus(t *testing.T) {
	t.Parallel()
	var files []File
	for _, p := range eucalyptus {
		files = append(files, File{p, []byte(contents(p))})
	}
	found, left := Tree(files)
	var got []string
	for _, r := range found {
		words := fmt.Sprintf("%s %s", r.Slugs[0], r.Kind)
		if r.Tool != "" {
			words += " for " + string(r.Tool)
		}
		if r.Distribution != "" {
			words += " on " + r.Distribution + r.Release
		}
		for _, f := range r.Files {
			words += " +" + f.Path[strings.LastIndexByte(f.Path, '/')+1:]
		}
		if r.Readme != "" {
			words += " *"
		}
		got = append(got, words)
	}
	want := `cacti bash on centos
drupal6-on-centos6 bash on centos6
gnome-vnc-desktop bash on centos
murmur bash on centos
radius bash on centos
eucabot bash on debian *
mailman bash on debian *
planet bash on debian *
postgres bash on debian *
redmine bash on debian +database.yml +email.yml +redmine *
varnish bash on debian *
openshift-origin-broker-fedora16 bash on fedora16
appscale bash on ubuntu
basic-update bash on ubuntu
graphite bash on ubuntu
rc-local bash
chef-centos5-setup bash for chef on centos5
chef-centos6-setup bash for chef on centos6
chef-debian-setup bash for chef on debian
puppet-centos6-nginx bash for puppet on centos6
centos6-puppet-cloud-provisioner bash for puppet on centos6
centos6-puppetmaster bash for puppet on centos6
centos6-puppetmaster-apache bash for puppet on centos6
centos6-puppetmaster-apache-puppetdb bash for puppet on centos6
puppet-centos6-setup bash for puppet on centos6
puppet-centos-setup bash for puppet on centos
puppet-debian-setup bash for puppet on debian
puppet-fedora17-setup bash for puppet on fedora17
lamp-wordpress cloud-init
neo4j cloud-init
openldap cloud-init
euca2ools puppet +RPM-GPG-KEY-eucalyptus-release +c1240596-eucalyptus-release-key.pub +euca2ools.repo +install.pp +repo.pp *`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if fmt.Sprint(left) != "[{README.md it is no recipe, and none mentions it} {bootstrap/README.md it is no recipe, and none mentions it}]" {
		t.Errorf("left out: %v", left)
	}
	if s := found[1].Summary; s != "Makes bash/centos/drupal6_on_centos6.sh run." {
		t.Errorf("the comment at the top became %q", s)
	}
	if s := found[5].Summary; s != "Sets bash/debian/eucabot.README up." {
		t.Errorf("the read-me became %q", s)
	}
}

func TestTreeOfAnything(t *testing.T) {
	t.Parallel()
	script := "#!/bin/sh\necho\n"
	for _, tt := range []struct{ name, path, data, slugs, left string }{
		{"a script anywhere", "x/y.sh", script, "y x-y", ""},
		{"by its first line", "boot", "#!/usr/bin/env bash\n", "boot", ""},
		{"another language", "x.sh", "#!/usr/bin/python3\n", "", "it is no recipe, and none mentions it"},
		{"a name without letters", "日本/語.sh", script, "recipe", ""},
		{"a name that hides", "a\u202eb.sh", script, "", "its name has signs that cannot be seen"},
		{"a name of two lines", "a\nb.sh", script, "", "its name has signs that cannot be seen"},
		{"a name that is no UTF-8", "a\xff.sh", script, "", "its name has signs that cannot be seen"},
		{"a long name", strings.Repeat("x", 301) + ".sh", script, "", "its name is too long"},
		{"a name of signs", `"><img src=x onerror=alert(1)>.sh`, script, "img-src-x-onerror-alert-1", ""},
		{"an option", "-rf.sh", script, "rf", ""},
		{"empty", "x.sh", "", "", "it is empty"},
		{"huge", "x.sh", script + strings.Repeat("#", 1<<18), "", "it is larger than 256 KB"},
		{"binary", "x.sh", "#!/bin/sh\n\x00\x01", "", "it is no text"},
		{"Latin-1", "x.sh", "#!/bin/sh\necho caf\xe9\n", "", "it is not UTF-8"},
		{"a release that is none", "bash/ubuntu-000000000000000000000001.sh", script, "ubuntu-000000000000000000000001 bash-ubuntu-000000000000000000000001", ""},
		{"more ports than are kept", "x.sh", "#!/bin/sh\n# Ports: " + manyPorts() + "\n", "x", ""},
		{"a playbook", "ansible/site.yml", "- hosts: all\n  tasks: []\n", "site ansible-site", ""},
		{"a role", "ansible/roles/web/tasks/main.yml", "- apt: name=x\n", "web ansible-roles-web-tasks-main", ""},
		{"a cookbook", "chef/cookbooks/web/recipes/default.rb", "package 'x'\n", "web chef-cookbooks-web-recipes-default", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			found, left := Tree([]File{{tt.path, []byte(tt.data)}})
			slugs, why := "", ""
			for _, r := range found {
				slugs += strings.Join(r.Slugs, " ")
				if _, err := r.Tidy(); err != nil || len(r.Ports) > 200 {
					t.Errorf("it cannot be kept: %d bytes of ports, %v", len(r.Ports), err)
				}
			}
			for _, l := range left {
				why += l.Why
			}
			if slugs != tt.slugs || why != tt.left {
				t.Errorf("found %q, left out because %q", slugs, why)
			}
		})
	}
}

// manyPorts are as many ports as a recipe has at most, each as long as can be.
func manyPorts() string {
	var list hackfest.Ports
	for i := range hackfest.MaxRecipePorts {
		list = append(list, hackfest.Port{From: 10000 + i, To: 20000, Protocol: "udp"})
	}
	return list.String()
}

func TestSlugsThatCollide(t *testing.T) {
	t.Parallel()
	found, _ := Tree([]File{{"a/web.sh", []byte("#!/bin/sh\n")}, {"b/web.sh", []byte("#!/bin/sh\n")}})
	if fmt.Sprint(found[0].Slugs, found[1].Slugs) != "[a-web] [b-web]" {
		t.Errorf("got %v, %v", found[0].Slugs, found[1].Slugs)
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, source string
		want         about
	}{
		{"facts", "#!/bin/bash\n# Turns a bare\n# Fedora 16 into a broker. Slowly.\n# Ports: 22, 53/udp\n# Smallest: m1.xlarge\n# Target: openshift-origin\n", about{"Turns a bare Fedora 16 into a broker.", "m1.xlarge", "22, 53/udp", "openshift-origin"}},
		{"facts that are none", "# Ports: all of them\n# Smallest: big\n# Target: No Slug\n", about{}},
		{"a licence first", "#!/bin/sh\n# Copyright (c) 2012 somebody\n# License: BSD\n#\n# Sets up a desktop.\nyum\n# Not this.\n", about{summary: "Sets up a desktop."}},
		{"nothing", "yum -y install x\n", about{}},
		{"frames", "########\n# A broker\n########\n", about{summary: "A broker"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := headOf(tt.source); got != tt.want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"bash/x/broker.sh": "broker.sh", "": "slug.sh", "a/-rf.sh": "rf.sh", "a/x y'$(id).sh": "xyid.sh", "a/日本.sh": "sh.sh", "a/../..": "slug.sh", "a/rc.local": "rc.local",
		"a/redmine": "redmine.sh", "x/" + strings.Repeat("y", 200) + ".sh": strings.Repeat("y", 77) + ".sh",
	} {
		if got := FileName(hackfest.Recipe{Slug: "slug", Path: path, Kind: bash}); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

// Whatever is highlighted, what stands there is the source.
func TestHighlight(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, file, source, want string
		kind                     hackfest.RecipeKind
	}{
		{"shell", "broker.sh", "#!/bin/bash\n# a comment\nif [ -n \"$X\" ]; then\n    echo 'two words' $Y\nfi\n", "c k s v", bash},
		{"yaml", "x.config", "#cloud-config\nhostname: \"x\"\n", "c k s", cloud},
		{"puppet", "init.pp", "# c\nclass x {\n  file { '/etc/x': ensure => present }\n}\n", "c k s", hackfest.RecipePuppet},
		{"nothing known", "LICENSE", "words\n", "", ""},
		{"long lines", "x.sh", "echo " + strings.Repeat("x", 3000) + "\n", "", bash},
		{"not closed", "x.sh", "echo \"$(cat <<'EOF'\n${${${`", "k s", bash},
		{"carriage returns", "x.sh", "# a\r\necho b\r\n", "c k", bash},
		{"marks of HTML", "x.sh", "# </code><script>alert(1)</script>\n", "c", bash},
		{"backslashes", "x.sh", strings.Repeat(`\"`, 900) + "\n", "", bash},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			all, classes := "", map[string]bool{}
			for _, s := range Highlight(tt.kind, tt.file, tt.source, always) {
				all += s.Text
				classes[s.Class] = true
			}
			if all != tt.source {
				t.Errorf("the text became %q", all)
			}
			for c := range strings.FieldsSeq(tt.want) {
				if !classes[c] {
					t.Errorf("nothing is shown as %s: %v", c, Highlight(tt.kind, tt.file, tt.source, always))
				}
			}
		})
	}
}

// always is that there is time left.
func always() bool { return true }

// A source that takes too long is shown as it is.
func TestHighlightEnds(t *testing.T) {
	t.Parallel()
	n := 0
	source := strings.Repeat("[[ ", 500)
	got := Highlight(cloud, "x.yml", source, func() bool { n++; return n < 10 })
	if len(got) != 1 || got[0] != (Span{Text: source}) || n != 10 {
		t.Errorf("asked %d times; %d spans", n, len(got))
	}
}

func BenchmarkHighlight(b *testing.B) {
	source := strings.Repeat("if [ -n \"$X\" ]; then # why\n    echo 'two words' \"${Y:-z}\"\nfi\n", 50)
	for b.Loop() {
		Highlight(bash, "x.sh", source, always)
	}
}

// Nothing that stands in a file makes the reader fail or change what is there.
func FuzzVariables(f *testing.F) {
	for _, seed := range []string{"A=1\n", "A=\"${A:-$(x \"y\")}\"\n: ${B:?x}\n", "#cloud-config\nhostname: \"a\\\"b\"\nb: 'c''d'\n", "A='x\ny' # z\nset -e\nB=`x`\n", "A=(a 'b)'\n"} {
		f.Add(seed, "it's $(x)\n")
	}
	f.Fuzz(func(t *testing.T, source, value string) {
		for _, kind := range []hackfest.RecipeKind{bash, cloud} {
			if same, err := Render(kind, source, nil); err == nil && same != source {
				t.Fatalf("nothing is set and %q became %q", source, same)
			}
			values := map[string]string{}
			for _, v := range Variables(kind, source) {
				if v.from > v.to || v.to > len(source) {
					t.Fatalf("%+v is not inside", v)
				}
				values[v.Name] = value
			}
			text, err := Render(kind, source, values)
			if err != nil {
				continue
			}
			for _, v := range Variables(kind, text) {
				if v.to > 0 && kind == cloud && v.Default != value && values[v.Name] != "" && !strings.Contains(value, "\r") {
					t.Fatalf("%s is %q in %q, made of %q by %q", v.Name, v.Default, text, source, value)
				}
			}
		}
		headOf(source)
		sentence(source)
		Tree([]File{{"x.sh", []byte(source)}, {value, []byte(source)}})
	})
}
