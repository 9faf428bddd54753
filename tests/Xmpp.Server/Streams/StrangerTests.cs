using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>What somebody without an account may ask before authentication (XEP-0077 section 3.1).</summary>
public sealed class StrangerTests : INonzaSink, IStreamOffers
{
    private const string Query = "jabber:iq:register";
    private readonly List<Element> _sent = [];
    private bool _serves = true;

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(false, false, false)]
    public void A_request_is_answered_and_the_stream_goes_on(bool isEncrypted, bool isLoopback, bool isPrivate)
    {
        var negotiation = Opened("one.test", new ConnectionSecurity(isEncrypted, isLoopback, false, default));

        var first = Assert.IsType<NegotiationStep.Serve>(negotiation.Receive(Ask()));
        var second = Assert.IsType<NegotiationStep.Serve>(negotiation.Receive(Ask(to: "one.test")));

        Assert.NotNull(_sent[0].Child("register", "urn:test"));
        Assert.Equal(("one.test", isPrivate), (first.Stranger.Domain, first.Stranger.IsPrivate));
        Assert.Same(first.Stranger, second.Stranger);
        Assert.IsNotType<NegotiationStep.Fail>(negotiation.Receive(new Element("auth", Ns.Sasl).Attr("mechanism", "SCRAM-SHA-256")));
    }

    [Fact]
    public void Everything_else_still_ends_the_stream()
    {
        foreach (var element in (Element[])[Ask(type: "result"), Ask(to: "two.test"), Ask(to: "ann@one.test"), Ask(id: null), new Element("message", Ns.Client)])
        {
            var fail = Assert.IsType<NegotiationStep.Fail>(Opened("one.test").Receive(element));
            Assert.Equal("not-authorized", fail.Error.Condition);
        }

        Assert.IsType<NegotiationStep.Fail>(Opened("guest.one.test").Receive(Ask()));
        _serves = false;
        Assert.IsType<NegotiationStep.Fail>(Opened("one.test").Receive(Ask()));
        Assert.Equal("not-authorized", Assert.IsType<NegotiationStep.Fail>(StreamNegotiation.Unserved()).Error.Condition);
    }

    [Fact]
    public void Requests_are_bounded_and_end_with_authentication()
    {
        var negotiation = Opened("one.test");
        for (var i = 0; i < 20; i++) Assert.IsType<NegotiationStep.Serve>(negotiation.Receive(Ask()));
        Assert.Equal("policy-violation", Assert.IsType<NegotiationStep.Fail>(negotiation.Receive(Ask())).Error.Condition);

        var authenticating = Opened("one.test");
        authenticating.Receive(new Element("auth", Ns.Sasl).Attr("mechanism", "SCRAM-SHA-256"));
        Assert.IsType<NegotiationStep.Fail>(authenticating.Receive(Ask()));
    }

    bool IStreamOffers.ServesStrangers => _serves;

    IEnumerable<Element> IStreamOffers.OffersFor(Stranger stranger) => [new Element("register", "urn:test")];

    IEnumerable<Element> IStreamOffers.RosterFeaturesOf(string domain) => [];

    IReadOnlyList<ScramHash> IStreamOffers.HashesOf(string domain) => ScramHash.All;

    bool IStreamOffers.OffersTokens => false;

    IEnumerable<string> IStreamOffers.BindFeaturesOf(string domain) => [];

    IEnumerable<Element> IStreamOffers.CapabilitiesOf(string domain) => [];

    void INonzaSink.SendHeader(StreamHeader header) => Assert.NotNull(header.Id);

    void INonzaSink.SendNonza(Element element) => _sent.Add(element);

    private static Element Ask(string type = "get", string? to = null, string? id = "1") =>
        new Element("iq", Ns.Client).Attr("type", type).Attr("id", id).Attr("to", to).Add(new Element("query", Query));

    private StreamNegotiation Opened(string to, ConnectionSecurity? security = null)
    {
        var settings = new XmppServerSettings(new ServerOptions { Domain = "one.test" }, new(), new(), new GuestsOptions { Enabled = true });
        var negotiation = new StreamNegotiation(settings, new ScramDecoys([1]), this, security ?? new ConnectionSecurity(true, false, false, default), this);
        negotiation.Open(new StreamHeader(null, to, null, "1.0"));
        return negotiation;
    }
}
