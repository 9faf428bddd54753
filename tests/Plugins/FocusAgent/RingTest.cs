using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Rooms.Ringing;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>A room that calls Dan (docs/legs/mixed.md), for Ann.</summary>
public abstract class RingTest : IAsyncLifetime
{
    /// <summary>Who has people called.</summary>
    protected const string Ann = "ann@example.org/web";

    /// <summary>Ad-hoc commands (XEP-0050).</summary>
    protected const string Commands = "http://jabber.org/protocol/commands";

    /// <summary>Makes a room that can mix, and Dan's telephone.</summary>
    protected RingTest()
    {
        Lab.Relay.Capabilities = Lab.Relay.Capabilities with { HasMixer = true };
        Dan = new RungPerson(Lab, "dan@example.org/phone");
    }

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => default;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Lab.DisposeAsync();
    }

    /// <summary>The server's part.</summary>
    private protected CallLab Lab { get; } = new(new FocusAgentOptions { RingsPerMinute = 4 });

    /// <summary>Who is called.</summary>
    private protected RungPerson Dan { get; }

    /// <summary>The test's own end.</summary>
    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>What Ann was told, in order.</summary>
    protected List<string> States() => [.. Lab.Sent.OfType<Message>().Where(m => m.To == Ann && m.Type == "headline").Select(m => m.Element.Child("call", RingNotes.Namespace)!["state"]!).Prepend("calling")];

    /// <summary>What every client lists in service discovery.</summary>
    protected void Lists(params string[] features) => Lab.Answer = iq =>
        Task.FromResult(iq.Result(iq.Payload!.Is("query", Ns.DiscoInfo) ? new Element("query", Ns.DiscoInfo).Add(features.Select(f => new Element("feature", Ns.DiscoInfo).Attr("var", f))) : null));

    /// <summary>Which clients of whoever is called are there.</summary>
    protected void Has(params string[] clients)
    {
        var sessions = clients.Select(c =>
        {
            var session = Substitute.For<ISession>();
            session.Jid.Returns((Jid)c);
            session.IsAvailable.Returns(true);
            return session;
        }).ToList();
        Lab.Sessions.Of(default!).ReturnsForAnyArgs(sessions);
    }

    /// <summary>Has the room call one person.</summary>
    protected Task<Iq> CallAsync(string who, bool video = false, string from = Ann, SenderKind kind = SenderKind.Account) => AskAsync([who], video, from, kind);

    /// <summary>Has the room call people.</summary>
    protected Task<Iq> AskAsync(string[] who, bool video, string from, SenderKind kind)
    {
        var form = new Element("x", "jabber:x:data").Attr("type", "submit")
            .Add("field", f => f.Attr("var", "who").Add(who.Select(w => new Element("value", "jabber:x:data").Text(w))))
            .Add("field", f => f.Attr("var", "video").Add("value", v => v.Text(video ? "1" : "0")));
        return CommandAsync(new Element("command", Commands).Attr("node", RingCommand.Node).Add(form), from, kind);
    }

    /// <summary>Gives the command of an account here, and waits for what comes of it.</summary>
    protected async Task<Iq> CommandAsync(Element command, string from, SenderKind kind)
    {
        var reply = await Lab.Commands.HandleAsync(new IqRequest(Iq.Request("set", "1", from, Client.RoomAddress, command), new SenderInfo(kind, "s1"), "example.org"), Ct);
        await Lab.SettleAsync();
        return reply.Iq!;
    }
}
