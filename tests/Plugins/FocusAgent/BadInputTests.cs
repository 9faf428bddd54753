using FsCheck;
using FsCheck.Fluent;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

public sealed class BadInputTests
{
    [Fact]
    public async Task Jingles_own_errors_are_answered()
    {
        await using var lab = new CallLab();
        var ann = new Client(lab, "ann@example.org/web");
        AssertJingle("unknown-session", await ann.AskAsync(new JingleMessage(JingleAction.SessionTerminate, "nobody's")));
        await ann.JoinAsync();
        AssertJingle("unknown-session", await ann.AskAsync(new JingleMessage(JingleAction.TransportInfo, "another")));
        AssertJingle("out-of-order", await ann.CallAsync());
        AssertJingle("out-of-order", await ann.AskAsync(new JingleMessage(JingleAction.SessionAccept, ann.Sid)));
        AssertJingle("out-of-order", await ann.AskAsync(new JingleMessage(JingleAction.ContentAccept, ann.Sid)));
        AssertJingle("unsupported-info", await ann.AskAsync(new JingleMessage(JingleAction.SessionInfo, ann.Sid) { Extras = [new Element("x", "urn:x")] }));
        Client.AssertError(StanzaCondition.FeatureNotImplemented, await ann.AskAsync(new JingleMessage(JingleAction.SecurityInfo, ann.Sid)));
        Client.AssertError(StanzaCondition.BadRequest, await ann.AskAsync(new Element("jingle", Ns.Jingle).Attr("action", "dance").Attr("sid", ann.Sid)));
        Client.AssertError(StanzaCondition.ServiceUnavailable, await ann.AskAsync(new Element("query", "jabber:iq:version"), "get"));
        // Somebody else's session is nobody's.
        AssertJingle("unknown-session", await new Client(lab, "eve@example.org/x").AskAsync(new JingleMessage(JingleAction.SessionTerminate, ann.Sid)));
        Assert.Equal("result", (await ann.AskAsync(new JingleMessage(JingleAction.SessionInfo, ann.Sid))).Type); // XEP-0166's ping
    }

    [Fact]
    public async Task Another_content_is_rejected_and_the_session_goes_on()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        Assert.Equal("result", (await ann.AskAsync(new JingleMessage(JingleAction.ContentAdd, ann.Sid) { Contents = [new JingleContent(JingleCreator.Initiator, "files")] })).Type);
        Assert.Equal("files", Assert.Single(ann.Of(JingleAction.ContentReject)).Contents[0].Name);
        Assert.Single(lab.Relay.Endpoints);
    }

    [Fact]
    public async Task An_offer_without_what_a_leg_needs_is_refused()
    {
        await using var lab = new CallLab();
        await AssertAsync(StanzaCondition.BadRequest, e => e.Child("leg", Ns.WebLeg)!.Attr("token", "short"));
        await AssertAsync(StanzaCondition.BadRequest, e => Every(e, "transport").ForEach(t => t.Attr("pwd", "short")));
        await AssertAsync(StanzaCondition.BadRequest, e => Every(e, "transport").ForEach(t => t.Attr("ufrag", "a:b:c")));
        await AssertAsync(StanzaCondition.BadRequest, e => Every(e, "fingerprint").ForEach(t => t.Attr("hash", "sha-1")));
        await AssertAsync(StanzaCondition.BadRequest, e => Every(e, "group").ForEach(g => g.Attr("semantics", "LS")));
        await AssertReasonAsync(JingleCondition.IncompatibleParameters, e => Every(e, "payload-type").ForEach(p => p.Attr("name", "codec2")));
        await AssertReasonAsync(JingleCondition.UnsupportedApplications, e => Every(e, "description").ForEach(d => d.Attr("media", "smell")));
        Assert.Empty(lab.Relay.Requests);

        async Task AssertAsync(StanzaCondition condition, Action<Element> spoil) => Client.AssertError(condition, await SendAsync(new Client(lab, "ann@example.org/web"), spoil));

        async Task AssertReasonAsync(JingleCondition condition, Action<Element> spoil)
        {
            var client = new Client(lab, "bob@example.org/web");
            Assert.Equal("result", (await SendAsync(client, spoil)).Type);
            Assert.Equal(condition, client.Jingle[^1].Reason!.Condition);
        }
    }

    /// <summary>Whatever is done to a page's or a client's messages: each request gets one answer, no fault of ours is logged, and the next page can still call.</summary>
    [Fact]
    public void Mutated_messages_are_answered_and_break_nothing() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(60),
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => RunAsync(seed).GetAwaiter().GetResult()));

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var ray = await new AvClient(lab, "ray@example.org/av", seed % 2 == 0).JoinAsync();
        await ann.AcceptSlotsAsync();
        var mallory = new Client(lab, "mallory@example.org/x");
        Element[] models =
        [
            Fixture.Initiate(seed % 3 == 0 ? "firefox" : "chromium", "m", "mallory@example.org/x", "a-token-of-some-length", "M"),
            (ray.Offer() with { Sid = "m" }).ToElement(),
            (ray.Offer() with { Sid = "m", Action = JingleAction.TransportInfo }).ToElement(),
            ann.Of(JingleAction.ContentAdd)[0].ToElement().Attr("action", "content-accept").Attr("sid", "m"),
            new JingleMessage(JingleAction.SessionInfo, "m") { Extras = [new Element("view", Ns.WebLeg).Add("pin", p => p.Attr("participant", "x"))] }.ToElement(),
        ];
        for (var i = 0; i < 12; i++)
        {
            var answer = await mallory.AskAsync(Mutation.Of(models[random.Next(models.Length)], random));
            Assert.Contains(answer.Type, (string[])["result", "error"]);
            if (answer.IsError) Assert.NotEqual(StanzaCondition.InternalServerError, StanzaError.Of(answer).Condition);
        }

        await ray.AcceptAsync(ray.Streams[0]);
        await lab.TickAsync();
        Assert.True(lab.Rooms.Rooms[0].ParticipantCount >= 2);
        await new Client(lab, "late@example.org/web").JoinAsync();
    }

    private static Task<Iq> SendAsync(Client client, Action<Element> spoil)
    {
        var offer = Fixture.Initiate("chromium", client.Sid, client.Jid.ToString(), "a-token-of-some-length", "X");
        spoil(offer);
        return client.AskAsync(offer);
    }

    private static List<Element> Every(Element root, string name) => [.. root.Children.SelectMany(c => Every(c, name)).Concat(root.Name == name ? [root] : [])];

    private static void AssertJingle(string condition, Iq answer) => Assert.True(StanzaError.Of(answer).Application?.Is(condition, Ns.JingleErrors), answer.Element.ToString());
}
