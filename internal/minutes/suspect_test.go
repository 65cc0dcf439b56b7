package minutes

import (
	"strings"
	"testing"
)

func TestSuspects(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"mail", "write to ann.b+x@corp.co.uk, please", "a mail address: ann.b+x@corp.co.uk"},
		{"two of them", "a@b.org and c@d.org", "a mail address: a@b.org; a mail address: c@d.org"},
		{"host", "the broker is at 10.111.5.23 now", "the address of a host: 10.111.5.23"},
		{"host with a port", "curl http://173.205.188.7:8773/services", "the address of a host: 173.205.188.7"},
		{"host assigned", "BROKER_IP=192.168.7.4", "the address of a host: 192.168.7.4"},
		{"IPv6", "ping6 2a01:4f8:c17:b0f::2 answers", "the address of a host: 2a01:4f8:c17:b0f::2"},
		{"AWS key", "AKIAIOSFODNN7EXAMPLE is mine", "a secret key: AKIAIOSFODNN7EXAMPLE"},
		{"AWS secret", "export EC2_SECRET_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "a secret key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
		{"AWS secret by itself", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "a secret key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
		{"GitHub token", "use ghp_16C7e42F292c6912E7710c838347Ae178B4a", "a secret key: ghp_16C7e42F292c6912E7710c838347Ae178B4a"},
		{"fine-grained token", "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz012345", "a secret key: github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz012345"},
		{"hexadecimal key", "key 9f86d081884c7d659a2feaa0c55ad015 works", "a secret key: 9f86d081884c7d659a2feaa0c55ad015"},
		{"private key", "-----BEGIN RSA PRIVATE KEY-----", "a secret key: -----BEGIN RSA PRIVATE KEY-----"},
		{"web token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N", "a secret key: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N"},
		{"password in an address", "git clone https://ann:hunter2@git.corp.com/x.git", "a password: hunter2"},
		{"password said", "the password is hunter22", "a password: hunter22"},
		{"password assigned", "PGPASSWORD=foobar psql", ""},
		{"password set", "password=foobar", "a password: foobar"},
		{"token assigned", "token: 5f2b9c7e11d0", "a secret key: 5f2b9c7e11d0"},

		{"commit", "fixed in da39a3ee5e6b4b0d3255bfef95601890afd80709", ""},
		{"short commit", "fixed in da39a3e", ""},
		{"commit on the web", "https://github.com/eucalyptus/recipes/commit/da39a3ee5e6b4b0d3255bfef95601890afd80709", ""},
		{"checksum", "sha256sum e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ""},
		{"checksum with a name", "md5 of it: d41d8cd98f00b204e9800998ecf8427e", ""},
		{"version", "euca2ools 2.1.1 and eucalyptus 3.1.0", ""},
		{"version of four", "version 3.1.0.4 of it", ""},
		{"version with a v", "v10.2.3.4", ""},
		{"package", "openssl-1.0.1.14-2.fc16", ""},
		{"version compared", ">= 10.0.0.1", ""},
		{"this machine", "it listens on 127.0.0.1:8080 and ::1, or 0.0.0.0", ""},
		{"netmask", "255.255.255.0", ""},
		{"in manuals", "192.0.2.17, 2001:db8::1, ann@example.org", ""},
		{"no host", "999.1.2.3", ""},
		{"time of day", "at 12:30:45 or 21:04", ""},
		{"module", "std::vector<int> and Fog::Compute::AWS", ""},
		{"ref", "/l/01hv3k5q9rt2m4n6p8s0v1w3x5", ""},
		{"git ref", "refs/heads/feature-of-the-year-that-nobody-wants", ""},
		{"uuid", "550e8400-e29b-41d4-a716-446655440000", ""},
		{"image", "emi-27f73c1a on m1.xlarge", ""},
		{"long name", "eucalyptus-enterprise-storage-controller-libs-extra", ""},
		{"path", "/usr/lib/python2.7/site-packages/eucaops/InstanceOps", ""},
		{"class", "AbstractSingletonProxyFactoryBeanManagerImpl", ""},
		{"talk of a password", "the password: required, the token: see the wiki", ""},
		{"talk of keys", "secret keys are in the vault; password is wrong again", ""},
		{"placeholder", "password=<yours> secret_key=$SECRET EC2_SECRET_KEY=…", ""},
		{"clone over ssh", "git@github.com:eucalyptus/recipes.git", ""},
		{"package of a registry", "left-pad@1.3.0", ""},
		{"blanks", "   ", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, s := range Suspects(tt.text) {
				got = append(got, s.What+": "+tt.text[s.From:s.To])
			}
			if strings.Join(got, "; ") != tt.want {
				t.Errorf("%q\nfound %q\nwant  %q", tt.text, strings.Join(got, "; "), tt.want)
			}
		})
	}
}

func FuzzSuspects(f *testing.F) {
	f.Add("ann@corp.com 10.1.2.3 password: x1")
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, s := range Suspects(text) {
			if s.From < last || s.To <= s.From || s.To > len(text) {
				t.Fatalf("%+v in %q", s, text)
			}
			last = s.To
		}
	})
}
