using Parley.tests.Xmpp.Server.Routing;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Server.Federation.Negotiation;

namespace Parley.tests.Xmpp.Server.Federation;

public sealed class IncomingNegotiationTests
{
    private readonly FakeRules _rules = new();
    private readonly FakeSink _sink = new();
    private readonly IncomingNegotiation _machine;

    public IncomingNegotiationTests() => _machine = new IncomingNegotiation(_rules, _sink);

    [Fact]
    public void Tls_is_all_that_is_offered_first()
    {
        Assert.IsType<PeerStep.ReadOn>(Open());
        Assert.Equal("header one.test to far.test <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>", _sink.Take());
        Assert.IsType<PeerStep.StartTls>(Receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));
    }

    [Fact]
    public void A_certificate_that_proves_the_name_is_enough()
    {
        Encrypt("far.test");
        Assert.Contains("<mechanism>EXTERNAL</mechanism>", _sink.Take(), StringComparison.Ordinal);
        Assert.IsType<PeerStep.Restart>(Receive("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"));
        Assert.Equal("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", _sink.Take());
        Assert.IsType<PeerStep.ReadOn>(Open());
        Assert.Equal("header one.test to far.test <stream:features><sm xmlns='urn:xmpp:sm:3'/></stream:features>", _sink.Take());
        Assert.Null(_machine.Judge("far.test", "one.test"));
        Assert.Null(_machine.Judge("far.test", "calls.one.test"));
        Assert.Equal("invalid-from", _machine.Judge("other.test", "one.test")?.Condition);
        Assert.Equal("host-unknown", _machine.Judge("far.test", "elsewhere.test")?.Condition);
    }

    [Theory]
    [InlineData("ZmFyLnRlc3Q=", null)] // far.test
    [InlineData("", null)]
    [InlineData("b3RoZXIudGVzdA==", "invalid-authzid")] // other.test, which the certificate bears too
    [InlineData("?", "incorrect-encoding")]
    public void The_identity_is_that_of_the_header(string said, string? failure)
    {
        Encrypt("far.test", "other.test");
        _sink.Take();
        var step = Receive($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>{said}</auth>");
        if (failure is null) Assert.IsType<PeerStep.Restart>(step);
        else Assert.Contains($"<{failure}/>", _sink.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_of_somebody_else_offers_dialback_alone_and_SASL_fails()
    {
        Encrypt("other.test");
        var offered = _sink.Take();
        Assert.DoesNotContain("EXTERNAL", offered, StringComparison.Ordinal);
        Assert.Contains("<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>", offered, StringComparison.Ordinal);
        for (var i = 0; i < 2; i++)
        {
            Assert.IsType<PeerStep.ReadOn>(Receive("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"));
            Assert.Contains("<not-authorized/>", _sink.Take(), StringComparison.Ordinal);
        }

        Assert.Equal("policy-violation", Condition(Receive("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>")));
    }

    [Fact]
    public void Who_restarts_as_somebody_else_is_thrown_out()
    {
        Encrypt("far.test", "other.test");
        Receive("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
        Assert.Equal("invalid-from", Condition(_machine.Open(new StreamHeader("other.test", "one.test", null, "1.0"))));
    }

    [Fact]
    public void Dialback_asks_the_authoritative_server_and_believes_it()
    {
        Encrypt();
        var verify = Assert.IsType<PeerStep.Verify>(Receive("<result xmlns='jabber:server:dialback' from='far.test' to='one.test'>key</result>"));
        Assert.Equal(new PeerStep.Verify("far.test", "one.test", "key"), verify);
        Assert.Equal("not-authorized", Condition(Receive("<message from='a@far.test' to='b@one.test'/>")));
        _sink.Take();
        Assert.IsType<PeerStep.Ready>(_machine.Verified(verify, DialbackVerdict.Valid));
        Assert.Equal("<db:result from='one.test' to='far.test' type='valid'></db:result>", _sink.Take());
        Assert.Null(_machine.Judge("far.test", "one.test"));
        // The other pair has not been asked for.
        Assert.Equal("not-authorized", _machine.Judge("far.test", "two.test")?.Condition);
        var second = Assert.IsType<PeerStep.Verify>(Receive("<result xmlns='jabber:server:dialback' from='far.test' to='two.test'>key</result>"));
        _machine.Verified(second, DialbackVerdict.Valid);
        Assert.Null(_machine.Judge("far.test", "two.test"));
    }

    [Fact]
    public void A_wrong_key_ends_the_stream_and_a_server_that_cannot_be_asked_is_an_error()
    {
        Encrypt();
        var verify = Assert.IsType<PeerStep.Verify>(Receive("<result xmlns='jabber:server:dialback' from='far.test' to='one.test'>key</result>"));
        _sink.Take();
        Assert.IsType<PeerStep.ReadOn>(_machine.Verified(verify, DialbackVerdict.Unknown));
        Assert.Contains("type='error'><error type='wait'><remote-server-timeout ", _sink.Take(), StringComparison.Ordinal);
        Assert.Equal("not-authorized", Condition(_machine.Verified(verify, DialbackVerdict.Invalid)));
        Assert.Contains("type='invalid'", _sink.Take(), StringComparison.Ordinal);
        Assert.False(_machine.IsAuthenticated);
    }

    [Fact]
    public void Where_the_certificate_proves_the_name_nobody_is_asked()
    {
        _rules.AllowsDialback = false;
        Encrypt("far.test");
        _sink.Take();
        Assert.IsType<PeerStep.Ready>(Receive("<result xmlns='jabber:server:dialback' from='far.test' to='one.test'>key</result>"));
        Assert.Contains("type='valid'", _sink.Take(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<result xmlns='jabber:server:dialback' from='far.test' to='nowhere.test'>k</result>", "item-not-found")]
    [InlineData("<result xmlns='jabber:server:dialback' from='bad.test' to='one.test'>k</result>", "policy-violation")]
    public void Dialback_with_what_is_not_allowed_is_an_error(string said, string condition)
    {
        Encrypt();
        _sink.Take();
        Assert.IsType<PeerStep.ReadOn>(Receive(said));
        Assert.Contains($"<{condition} ", _sink.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_dialback_a_certificate_that_proves_nothing_leads_nowhere()
    {
        _rules.AllowsDialback = false;
        Encrypt();
        Assert.EndsWith("<stream:features></stream:features>", _sink.Take(), StringComparison.Ordinal);
        Assert.IsType<PeerStep.ReadOn>(Receive("<result xmlns='jabber:server:dialback' from='far.test' to='one.test'>k</result>"));
        Assert.Contains("<not-authorized ", _sink.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_and_questions_are_bounded()
    {
        Encrypt();
        for (var i = 0; i < IncomingNegotiation.MostPairs; i++)
        {
            var verify = Assert.IsType<PeerStep.Verify>(Receive($"<result xmlns='jabber:server:dialback' from='n{i}.far.test' to='one.test'>k</result>"));
            if (i > 1) _machine.Verified(verify, DialbackVerdict.Valid);
        }

        _sink.Take();
        Assert.IsType<PeerStep.ReadOn>(Receive("<result xmlns='jabber:server:dialback' from='more.test' to='one.test'>k</result>"));
        Assert.Contains("<resource-constraint ", _sink.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void Few_are_asked_at_once_on_behalf_of_one_stream()
    {
        Encrypt();
        for (var i = 0; i < IncomingNegotiation.MostAsked; i++) Assert.IsType<PeerStep.Verify>(Receive($"<result xmlns='jabber:server:dialback' from='n{i}.far.test' to='one.test'>k</result>"));

        _sink.Take();
        Assert.IsType<PeerStep.ReadOn>(Receive("<result xmlns='jabber:server:dialback' from='more.test' to='one.test'>k</result>"));
        Assert.Contains("<resource-constraint ", _sink.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void TLS_does_not_begin_while_somebody_is_asked_about_the_stream_in_the_clear()
    {
        _rules.RequiresTls = false;
        Open();
        Assert.IsType<PeerStep.Verify>(Receive("<result xmlns='jabber:server:dialback' from='far.test' to='one.test'>k</result>"));

        Assert.IsType<PeerStep.RefuseTls>(Receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));
    }

    [Fact]
    public void Another_question_about_the_same_pair_is_out_of_order()
    {
        Encrypt();
        Assert.IsType<PeerStep.Verify>(Receive("<result xmlns='jabber:server:dialback' from='far.test' to='one.test'>k</result>"));
        _sink.Take();
        Assert.IsType<PeerStep.ReadOn>(Receive("<result xmlns='jabber:server:dialback' from='far.test' to='one.test'>k</result>"));
        Assert.Contains("<unexpected-request ", _sink.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_authoritative_server_knows_its_own_keys_only()
    {
        Encrypt();
        _sink.Take();
        var key = _rules.Keys.Make("far.test", "one.test", "D60000229F");
        Receive($"<verify xmlns='jabber:server:dialback' from='far.test' to='one.test' id='D60000229F'>\n  {key}\n</verify>"); // as XEP-0185 prints it
        Assert.Equal("<db:verify from='one.test' to='far.test' id='D60000229F' type='valid'></db:verify>", _sink.Take());
        Receive($"<verify xmlns='jabber:server:dialback' from='far.test' to='one.test' id='another'>{key}</verify>");
        Assert.Contains("type='invalid'", _sink.Take(), StringComparison.Ordinal);
        Receive($"<verify xmlns='jabber:server:dialback' from='far.test' to='nowhere.test' id='x'>{key}</verify>");
        Assert.Contains("<item-not-found ", _sink.Take(), StringComparison.Ordinal);
        Assert.Equal("bad-format", Condition(Receive($"<verify xmlns='jabber:server:dialback' from='far.test' to='one.test'>{key}</verify>")));
    }

    [Theory]
    [InlineData("far.test", "elsewhere.test", "1.0", "host-unknown")]
    [InlineData("far.test", null, "1.0", "improper-addressing")]
    [InlineData("a@far.test", "one.test", "1.0", "improper-addressing")]
    [InlineData("bad.test", "one.test", "1.0", "policy-violation")]
    [InlineData("two.test", "one.test", "1.0", "invalid-from")]
    [InlineData("far.test", "one.test", null, "unsupported-version")]
    public void A_header_that_is_wrong_ends_the_stream(string? from, string? to, string? version, string condition) =>
        Assert.Equal(condition, Condition(_machine.Open(new StreamHeader(from, to, null, version))));

    [Theory]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>", "policy-violation")]
    [InlineData("<result xmlns='jabber:server:dialback' from='far.test' to='one.test'>k</result>", "policy-violation")]
    [InlineData("<message from='a@far.test' to='b@one.test'/>", "policy-violation")]
    public void Nothing_is_said_before_TLS(string said, string condition)
    {
        Open();
        Assert.Equal(condition, Condition(Receive(said)));
    }

    [Theory]
    [InlineData("<message from='a@far.test' to='b@one.test'/>", "not-authorized")]
    [InlineData("<what xmlns='urn:x'/>", "unsupported-stanza-type")]
    [InlineData("<result xmlns='jabber:server:dialback' to='one.test'>k</result>", "improper-addressing")]
    [InlineData("<result xmlns='jabber:server:dialback' from='two.test' to='one.test'>k</result>", "invalid-from")]
    public void What_does_not_belong_there_ends_the_stream(string said, string condition)
    {
        Encrypt();
        Assert.Equal(condition, Condition(Receive(said)));
    }

    [Fact]
    public void TLS_does_not_begin_twice()
    {
        Encrypt();
        Assert.IsType<PeerStep.RefuseTls>(Receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));
    }

    private PeerStep Open() => _machine.Open(new StreamHeader("far.test", "one.test", null, "1.0"));

    private void Encrypt(params string[] proven)
    {
        Open();
        _machine.Encrypted(proven.Contains);
        Assert.IsType<PeerStep.ReadOn>(Open());
    }

    private PeerStep Receive(string xml) => _machine.Receive(TestXml.Read(xml));

    private static string? Condition(PeerStep step) => (step as PeerStep.Fail)?.Error.Condition;
}
