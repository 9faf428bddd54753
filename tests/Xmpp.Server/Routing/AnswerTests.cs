using Parley.Plugin.Abstractions;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>RFC 6120 sections 8.2.3 and 8.3.1: a request is answered once, an answer or an error never.</summary>
public sealed class AnswerTests
{
    private static readonly string[] Addresses =
    [
        "", "one.test", "one.test/r", "two.test", "ann@one.test", "ann@one.test/a", "ann@one.test/none", "ben@one.test", "ben@one.test/none", "ben@two.test",
        "nobody@one.test", "nobody@one.test/r", "guest.one.test", "g1@guest.one.test", "g1@guest.one.test/web", "g9@guest.one.test/web", "calls.one.test", "room@calls.one.test",
        "void@calls.one.test/r", "calls.two.test", "x@far.test", "far.test",
    ];

    public static TheoryData<string, string> Cases => new(from sender in new[] { "ann@one.test/a", "g1@guest.one.test/web" } from to in Addresses select (sender, to));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_request_is_answered_once_and_every_answer_never(string sender, string to)
    {
        await using var server = new TestServer();
        server.AddComponent().OnStanza = _ => throw new InvalidOperationException("as bad as can be");
        server.Handle("get", "urn:t", "fails", _ => throw new InvalidOperationException("as well"), IqTarget.Account);
        server.Handle("get", "urn:t", "works", iq => iq.Result(), IqTarget.Account);
        var ann = await server.BindAsync("ann@one.test/a");
        var guest = await server.BindAsync("g1@guest.one.test/web");
        var client = sender == ann.Jid.ToString() ? ann : guest;
        var address = to.Length == 0 ? "" : $"to='{to}'";
        var isSelf = to == sender; // what a client asks itself it answers itself
        foreach (var payload in new[] { "<fails xmlns='urn:t'/>", "<works xmlns='urn:t'/>", "<query xmlns='http://jabber.org/protocol/disco#info'/>", "<query xmlns='http://jabber.org/protocol/disco#items' node='n'/>" })
        {
            await client.SendAsync($"<iq {address} type='get' id='q'>{payload}</iq>");
            var answer = await client.Stream.NextAsync();
            Assert.Equal("q", answer.Id);
            if (!isSelf || answer.Type == "error") Assert.Contains(answer.Type, new[] { "result", "error" });
        }

        foreach (var answer in new[]
        {
            "<iq {0} type='result' id='r'/>",
            "<iq {0} type='error' id='r'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
            "<message {0} type='error' id='r'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
            "<presence {0} type='error' id='r'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
        })
        {
            await client.SendAsync(string.Format(null, answer, address));
        }

        // Components answer on threads of their own: a last request marks the end of what could come.
        await client.SendAsync("<iq to='calls.one.test' type='get' id='last'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        var received = new List<string?>();
        while (received.LastOrDefault() != "last") received.Add((await client.Stream.NextAsync()).Id);
        Assert.All(received.SkipLast(1), id => Assert.True(isSelf && id == "r", $"{id} was answered"));
    }
}
