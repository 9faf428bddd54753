using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Sessions;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>A bound client that sends text.</summary>
internal sealed record Client(IBoundSession Bound, FakeStream Stream)
{
    public Jid Jid => Bound.Jid;

    public ISession Session => (ISession)Bound;

    /// <summary>Sends one stanza; returns the stream error if it earned one.</summary>
    public async Task<string?> SendAsync(string xml) => await Bound.ReceiveAsync(TestXml.Read(xml), null, TestContext.Current.CancellationToken);

    /// <summary>Sends one stanza and takes the one that comes back.</summary>
    public async Task<Stanza> AskAsync(string xml)
    {
        Assert.Null(await SendAsync(xml));
        return await Stream.NextAsync();
    }

    public async Task<StanzaCondition> RefusedAsync(string xml)
    {
        var answer = await AskAsync(xml);
        Assert.True(answer.IsError, answer.Element.ToString());
        return StanzaError.Of(answer).Condition;
    }
}
