using System.Text;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Security;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>Negotiation without a network: what is offered where others may listen.</summary>
public sealed class StreamNegotiationTests : INonzaSink, IStreamOffers
{
    private readonly List<Element> _sent = [];
    private bool _approvesAhead;
    private IReadOnlyList<ScramHash> _hashes = ScramHash.All;

    [Theory]
    [InlineData(false, false, "one.test", "")]
    [InlineData(false, false, "guest.one.test", "")]
    [InlineData(false, true, "one.test", "SCRAM-SHA-512 SCRAM-SHA-256 SCRAM-SHA-1")]
    [InlineData(false, true, "guest.one.test", "ANONYMOUS")]
    [InlineData(true, false, "one.test", "SCRAM-SHA-512 SCRAM-SHA-256 SCRAM-SHA-1 PLAIN")]
    [InlineData(true, false, "guest.one.test", "ANONYMOUS")]
    public void Mechanisms_depend_on_who_can_listen(bool isEncrypted, bool isLoopback, string to, string mechanisms)
    {
        var negotiation = New(new ConnectionSecurity(isEncrypted, isLoopback, CanStartTls: !isEncrypted, default));
        Assert.Equal(NegotiationStep.Read, negotiation.Open(new StreamHeader(null, to, null, "1.0")));
        var features = Assert.Single(_sent);
        Assert.Equal(mechanisms, string.Join(' ', features.Child("mechanisms", Ns.Sasl)?.Children.Select(m => m.Value) ?? []));
        Assert.Equal(!isEncrypted, features.Child("starttls", Ns.Tls) is not null);
        // Required exactly where nothing else is offered.
        Assert.Equal(mechanisms.Length == 0, features.Child("starttls", Ns.Tls)?.Child("required") is not null);
    }

    [Theory]
    [InlineData("SCRAM-SHA-256", "one.test")]
    [InlineData("PLAIN", "one.test")]
    [InlineData("ANONYMOUS", "guest.one.test")]
    public void Where_others_listen_nobody_authenticates(string mechanism, string to)
    {
        var negotiation = New(new ConnectionSecurity(false, false, CanStartTls: true, default));
        negotiation.Open(new StreamHeader(null, to, null, "1.0"));
        negotiation.Receive(new Element("auth", Ns.Sasl).Attr("mechanism", mechanism));
        Assert.NotNull(_sent[^1].Child("encryption-required"));
    }

    [Theory]
    [InlineData(true, "one.test")]
    [InlineData(false, "one.test")]
    [InlineData(true, "guest.one.test")]
    public void Approval_ahead_is_offered_where_there_are_rosters_that_take_it(bool approvesAhead, string to)
    {
        _approvesAhead = approvesAhead;
        var negotiation = New(new ConnectionSecurity(true, false, CanStartTls: false, default));
        negotiation.Open(new StreamHeader(null, to, null, "1.0"));
        if (to == "one.test")
        {
            negotiation.Receive(Auth("PLAIN", "\0ann\0secret"));
            var (stored, server) = ScramKeyDerivation.Derive("SHA-256", "secret", [1], 4096);
            var complete = Assert.IsType<NegotiationStep.CompleteKeys>(negotiation.Provide(new ScramCredentials(new byte[] { 1 }, 4096, stored, server)));
            Assert.IsType<NegotiationStep.Restart>(negotiation.Succeed(complete.Success));
        }
        else
        {
            negotiation.Receive(Auth("ANONYMOUS", ""));
        }

        negotiation.Open(new StreamHeader(null, to, null, "1.0"));
        Assert.NotNull(_sent[^1].Child("bind", Ns.Bind));
        Assert.Equal(approvesAhead && to == "one.test", _sent[^1].Child("sub", "urn:xmpp:features:pre-approval") is not null);
    }

    [Theory]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-256")]
    public void No_spelling_of_a_name_shows_that_it_is_nobodys(string mechanism)
    {
        string SaltFor(string user)
        {
            var negotiation = New(new ConnectionSecurity(true, false, CanStartTls: false, default));
            negotiation.Open(new StreamHeader(null, "one.test", null, "1.0"));
            Assert.IsType<NegotiationStep.FindKeys>(negotiation.Receive(Auth(mechanism, $"n,,n={user},r=x")));
            negotiation.Provide(null);
            return Encoding.UTF8.GetString(Convert.FromBase64String(_sent[^1].Value)).Split(",s=")[1];
        }

        // As an account that exists has one salt under all of them.
        Assert.Equal(SaltFor("nobody"), SaltFor("NoBody"));
        Assert.NotEqual(SaltFor("nobody"), SaltFor("nobody2"));
    }

    [Fact]
    public void TLS_makes_everything_begin_anew()
    {
        var negotiation = New(new ConnectionSecurity(false, false, CanStartTls: true, default));
        negotiation.Open(new StreamHeader(null, "one.test", null, "1.0"));
        Assert.IsType<NegotiationStep.StartTls>(negotiation.Receive(new Element("starttls", Ns.Tls)));
        negotiation.Encrypted(new ConnectionSecurity(true, false, CanStartTls: false, default));
        Assert.Equal(new NegotiationStep.Fail(new StreamError(StreamConditions.NotAuthorized)), negotiation.Receive(new Element("auth", Ns.Sasl).Attr("mechanism", "PLAIN")));
    }

    [Fact]
    public void The_secret_of_decoys_outlives_a_restart()
    {
        var directory = Directory.CreateTempSubdirectory("parley-decoys-");
        try
        {
            var secret = KeptSecret.LoadOrMake(directory.FullName, KeptSecret.Decoys);
            Assert.Equal(32, secret.Length);
            Assert.Equal(secret, KeptSecret.LoadOrMake(directory.FullName, KeptSecret.Decoys));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory.FullName, KeptSecret.Decoys)));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void What_not_every_account_has_keys_of_is_not_offered()
    {
        _hashes = [ScramHash.Sha256, ScramHash.Sha1];
        var negotiation = New(new ConnectionSecurity(true, false, CanStartTls: false, new byte[] { 1 }));
        negotiation.Open(new StreamHeader(null, "one.test", null, "1.0"));
        Assert.Equal("SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN", string.Join(' ', _sent[^1].Child("mechanisms", Ns.Sasl)!.Children.Select(m => m.Value)));
        negotiation.Receive(Auth("SCRAM-SHA-512", "n,,n=ann,r=x"));
        Assert.NotNull(_sent[^1].Child("invalid-mechanism"));
    }

    IEnumerable<Element> IStreamOffers.RosterFeaturesOf(string domain) => _approvesAhead && domain == "one.test" ? [new Element("sub", Ns.PreApproval)] : [];

    IReadOnlyList<ScramHash> IStreamOffers.HashesOf(string domain) => _hashes;

    bool IStreamOffers.OffersTokens => false;

    IEnumerable<string> IStreamOffers.BindFeaturesOf(string domain) => [];

    IEnumerable<Element> IStreamOffers.CapabilitiesOf(string domain) => [];

    void INonzaSink.SendHeader(StreamHeader header) => Assert.NotNull(header.Id);

    void INonzaSink.SendNonza(Element element) => _sent.Add(element);

    private static Element Auth(string mechanism, string message) =>
        new Element("auth", Ns.Sasl).Attr("mechanism", mechanism).Text(Convert.ToBase64String(Encoding.UTF8.GetBytes(message)));

    private StreamNegotiation New(ConnectionSecurity security)
    {
        var settings = new XmppServerSettings(new ServerOptions { Domain = "one.test" }, new(), new(), new GuestsOptions { Enabled = true });
        return new StreamNegotiation(settings, new ScramDecoys([1]), this, security, this);
    }
}
