using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Federation;
using Parley.Xmpp.Server.Security;

namespace Parley.tests.Xmpp.Server.Federation;

public sealed class CertificateTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("far.test", true)]
    [InlineData("FAR.test", true)]
    [InlineData("rooms.wild.test", true)]
    [InlineData("wild.test", false)] // one label more, no less
    [InlineData("a.b.wild.test", false)]
    [InlineData("other.test", false)]
    [InlineData("one.test", false)] // the common name
    [InlineData("bücher.test", true)] // as xn--bcher-kva.test
    [InlineData("far.test.", false)]
    public void Dns_names_count_with_a_wildcard_for_one_label(string domain, bool isIncluded)
    {
        using var certificate = _authority.Issue(names =>
        {
            names.AddDnsName("far.test");
            names.AddDnsName("*.wild.test");
            names.AddDnsName("xn--bcher-kva.test");
            names.AddIpAddress(System.Net.IPAddress.Loopback);
        });
        Assert.Equal(isIncluded, CertificateNames.Of(certificate).Include(domain));
    }

    [Theory]
    [InlineData("srv.test", true)]
    [InlineData("client.test", false)] // a name for _xmpp-client
    [InlineData("addr.test", true)]
    [InlineData("user.test", false)] // a person's address
    public void Names_of_XMPP_count_where_they_name_a_server(string domain, bool isIncluded)
    {
        using var certificate = new X509Certificate2Holder(_authority, [
            ("1.3.6.1.5.5.7.8.7", "_xmpp-server.srv.test", UniversalTagNumber.IA5String),
            ("1.3.6.1.5.5.7.8.7", "_xmpp-client.client.test", UniversalTagNumber.IA5String),
            ("1.3.6.1.5.5.7.8.5", "addr.test", UniversalTagNumber.UTF8String),
            ("1.3.6.1.5.5.7.8.5", "ann@user.test", UniversalTagNumber.UTF8String),
            ("1.2.3.4", "other.test", UniversalTagNumber.UTF8String),
        ]);
        Assert.Equal(isIncluded, CertificateNames.Of(certificate.Certificate).Include(domain));
    }

    [Fact]
    public void Only_a_certificate_in_force_from_a_trusted_root_is_trusted()
    {
        var trusting = new TrustedRoots(Settings(_authority.Roots));
        var plain = new TrustedRoots(Settings(null));
        Assert.True(Trusts(trusting, _authority.Certify("far.test")));
        Assert.False(Trusts(plain, _authority.Certify("far.test")));
        Assert.False(Trusts(trusting, _authority.Certify(n => n.AddDnsName("far.test"), DateTimeOffset.UtcNow.AddHours(-1))));
        using var stranger = new TestAuthority();
        Assert.False(Trusts(trusting, stranger.Certify("far.test")));
        // Without the intermediate certificate nothing is fetched to make up for it.
        using var alone = _authority.Issue(n => n.AddDnsName("far.test"));
        Assert.False(trusting.Trust(alone, []));
    }

    [Fact]
    public void Roots_that_cannot_be_read_stop_the_start()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "nothing");
        Assert.Equal("Federation:TrustedRoots", Assert.Throws<StartFailureException>(() => new TrustedRoots(Settings(path))).Key);
        File.Delete(path);
    }

    private static bool Trusts(TrustedRoots roots, string pem)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(pem);
        return roots.Trust(all[0], [.. all.Skip(1)]);
    }

    private static XmppServerSettings Settings(string? roots) => new(new ServerOptions(), new(), new(), new()) { Federation = new FederationOptions { TrustedRoots = roots } };

    /// <summary>A certificate whose alternative names are other names alone.</summary>
    private sealed class X509Certificate2Holder : IDisposable
    {
        public X509Certificate2Holder(TestAuthority authority, IEnumerable<(string Type, string Value, UniversalTagNumber Kind)> names)
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            var context = new Asn1Tag(TagClass.ContextSpecific, 0);
            using (writer.PushSequence())
            {
                foreach (var (type, value, kind) in names)
                {
                    using (writer.PushSequence(context))
                    {
                        writer.WriteObjectIdentifier(type);
                        using (writer.PushSequence(context)) writer.WriteCharacterString(kind, value);
                    }
                }
            }

            Certificate = authority.Issue(new X509Extension("2.5.29.17", writer.Encode(), critical: false));
        }

        public X509Certificate2 Certificate { get; }

        public void Dispose() => Certificate.Dispose();
    }
}
