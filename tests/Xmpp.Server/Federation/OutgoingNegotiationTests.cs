using Parley.tests.Xmpp.Server.Routing;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Server.Federation.Negotiation;

namespace Parley.tests.Xmpp.Server.Federation;

public sealed class OutgoingNegotiationTests
{
    private const string Streams = "xmlns='http://etherx.jabber.org/streams'";
    private const string External = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>";
    private const string StartTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    private const string Managed = "<sm xmlns='urn:xmpp:sm:3'/>";

    private readonly FakeRules _rules = new();
    private readonly FakeSink _sink = new();

    [Fact]
    public void With_certificates_on_both_sides_it_is_TLS_EXTERNAL_and_management()
    {
        var machine = Begin();
        Assert.Equal("header one.test to far.test", _sink.Take());
        Features(machine, StartTls);
        Assert.Equal("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", _sink.Take());
        Assert.IsType<PeerStep.StartTls>(Receive(machine, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));
        machine.Encrypted(isProven: true);
        Open(machine);
        Features(machine, External);
        Assert.Equal("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>b25lLnRlc3Q=</auth>", _sink.Take());
        Assert.IsType<PeerStep.Restart>(Receive(machine, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"));
        Open(machine);
        Features(machine, Managed);
        Assert.Equal("<enable xmlns='urn:xmpp:sm:3'/>", _sink.Take());
        Assert.Equal(new PeerStep.Ready(true), Receive(machine, "<enabled xmlns='urn:xmpp:sm:3'/>"));
    }

    [Fact]
    public void Without_management_it_is_ready_at_once_and_a_refusal_of_it_does_no_harm()
    {
        var machine = Encrypted(true);
        Features(machine, External);
        Receive(machine, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        Open(machine);
        Assert.Equal(new PeerStep.Ready(false), Features(machine, ""));

        var refused = Encrypted(true);
        Features(refused, External);
        Receive(refused, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        Open(refused);
        Features(refused, Managed);
        Assert.Equal(new PeerStep.Ready(false), Receive(refused, "<failed xmlns='urn:xmpp:sm:3'/>"));
    }

    [Fact]
    public void Where_our_certificate_is_not_accepted_dialback_follows_on_the_same_stream()
    {
        var machine = Encrypted(true);
        Features(machine, External);
        _sink.Take();
        Receive(machine, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
        Assert.Equal($"<db:result from='one.test' to='far.test'>{_rules.Keys.Make("far.test", "one.test", "id1")}</db:result>", _sink.Take());
        Assert.Equal(new PeerStep.Ready(false), Receive(machine, "<result xmlns='jabber:server:dialback' from='far.test' to='one.test' type='valid'/>"));
    }

    [Theory]
    [InlineData("type='invalid'", true)]
    [InlineData("type='error'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></result>", true)]
    [InlineData("type='error'><error type='wait'><remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></result>", false)]
    public void What_dialback_says_is_final_unless_it_may_pass(string answer, bool isLasting)
    {
        var machine = Encrypted(false);
        Features(machine, "");
        var xml = $"<result xmlns='jabber:server:dialback' from='far.test' to='one.test' {answer}" + (answer.Contains('>') ? "" : "/>");
        var step = Assert.IsType<PeerStep.GiveUp>(Receive(machine, xml.Replace("<error type", "<error xmlns='jabber:client' type", StringComparison.Ordinal)));
        Assert.Equal(isLasting, step.Failure.IsLasting);
    }

    [Fact]
    public void An_answer_about_other_domains_counts_for_nothing()
    {
        var machine = Encrypted(false);
        Features(machine, "");
        Assert.Equal("invalid-from", Condition(Receive(machine, "<result xmlns='jabber:server:dialback' from='other.test' to='one.test' type='valid'/>")));
    }

    [Fact]
    public void A_server_without_TLS_is_not_spoken_with_unless_the_operator_says_so()
    {
        Assert.Equal("policy-violation", Condition(Features(Begin(), External)));
        _rules.RequiresTls = false;
        var machine = Begin();
        Features(machine, External); // without TLS it means nothing
        Assert.Contains("<db:result ", _sink.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_does_not_prove_its_name_is_spoken_with_only_where_dialback_counts()
    {
        _rules.AllowsDialback = false;
        Assert.Equal("not-authorized", Condition(Features(Encrypted(false), External)));
        var machine = Encrypted(true);
        var step = Assert.IsType<PeerStep.GiveUp>(Features(machine, ""));
        Assert.True(step.Failure.IsLasting);
    }

    [Fact]
    public void A_question_is_asked_as_soon_as_there_is_TLS()
    {
        var machine = Begin(new DialbackQuestion("id9", "key"));
        Features(machine, StartTls);
        Receive(machine, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        machine.Encrypted(false);
        Open(machine);
        _sink.Take();
        Features(machine, External);
        Assert.Equal("<db:verify from='one.test' to='far.test' id='id9'>key</db:verify>", _sink.Take());
        Assert.Equal(new PeerStep.Answered(DialbackVerdict.Valid), Receive(machine, "<verify xmlns='jabber:server:dialback' from='far.test' to='one.test' id='id9' type='valid'/>"));
    }

    [Theory]
    [InlineData("type='invalid'", "Invalid")]
    [InlineData("type='error'", "Unknown")]
    [InlineData("", "Unknown")]
    public void Only_valid_is_valid(string type, string verdict)
    {
        _rules.RequiresTls = false;
        var machine = Begin(new DialbackQuestion("id9", "key"));
        Features(machine, "");
        Assert.Equal(new PeerStep.Answered(Enum.Parse<DialbackVerdict>(verdict)), Receive(machine, $"<verify xmlns='jabber:server:dialback' from='far.test' to='one.test' id='id9' {type}/>"));
    }

    [Theory]
    [InlineData("system-shutdown", false)]
    [InlineData("connection-timeout", false)]
    [InlineData("host-unknown", true)]
    [InlineData("policy-violation", true)]
    public void A_stream_error_tells_whether_it_is_worth_trying_again(string condition, bool isLasting)
    {
        var step = Assert.IsType<PeerStep.GiveUp>(Receive(Begin(), $"<error {Streams}><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>"));
        Assert.Equal(isLasting, step.Failure.IsLasting);
        Assert.Contains(condition, step.Failure.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<message xmlns='jabber:client'/>", "not-authorized")]
    [InlineData("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "unsupported-stanza-type")]
    [InlineData("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "unsupported-stanza-type")]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3'/>", "unsupported-stanza-type")]
    public void What_was_not_asked_for_ends_the_stream(string said, string condition) => Assert.Equal(condition, Condition(Receive(Begin(), said)));

    [Fact]
    public void An_old_server_is_not_understood()
    {
        var machine = new OutgoingNegotiation(_rules, _sink, "one.test", "far.test");
        machine.Begin();
        Assert.Equal("unsupported-version", Condition(machine.Open(new StreamHeader("far.test", "one.test", "id1", null))));
    }

    private OutgoingNegotiation Begin(DialbackQuestion? question = null)
    {
        var machine = new OutgoingNegotiation(_rules, _sink, "one.test", "far.test", question);
        machine.Begin();
        Open(machine);
        return machine;
    }

    private OutgoingNegotiation Encrypted(bool isProven)
    {
        var machine = Begin();
        Features(machine, StartTls);
        Receive(machine, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        machine.Encrypted(isProven);
        Open(machine);
        _sink.Take();
        return machine;
    }

    private static void Open(OutgoingNegotiation machine) => Assert.IsType<PeerStep.ReadOn>(machine.Open(new StreamHeader("far.test", "one.test", "id1", "1.0")));

    private static PeerStep Features(OutgoingNegotiation machine, string features) => Receive(machine, $"<features {Streams}>{features}</features>");

    private static PeerStep Receive(OutgoingNegotiation machine, string xml) => machine.Receive(TestXml.Read(xml));

    private static string? Condition(PeerStep step) => (step as PeerStep.Fail)?.Error.Condition;
}
