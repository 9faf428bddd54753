using Parley.Plugin.Abstractions;
using Parley.Plugins.Ping;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Ping;

/// <summary>XEP-0199.</summary>
public sealed class PingTests
{
    [Fact]
    public async Task The_server_answers_anybody() => Assert.Equal("result", (await AskAsync(new ServerPingHandler(), "one.test")).Type);

    [Theory]
    [InlineData(null, true)]
    [InlineData("ann@one.test", true)]
    [InlineData("ben@one.test", false)]
    public async Task An_account_answers_its_own_clients(string? to, bool answers)
    {
        var answer = await AskAsync(new AccountPingHandler(), to);
        if (answers) Assert.Equal(("result", null), (answer.Type, answer.Payload));
        else Assert.Equal(StanzaCondition.ServiceUnavailable, StanzaError.Of(answer).Condition);
    }

    private static async Task<Iq> AskAsync(IIqHandler handler, string? to) =>
        (await handler.HandleAsync(new IqRequest(Iq.Request("get", "1", "ann@one.test/a", to is null ? null : Jid.Parse(to), new Element("ping", "urn:xmpp:ping")), new SenderInfo(SenderKind.Account), "one.test"), TestContext.Current.CancellationToken)).Iq!;
}
