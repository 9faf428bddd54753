using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Commands;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>People with one-to-one clients choose what they see: by command, or in words to the room.</summary>
public sealed class ViewTests : IAsyncLifetime
{
    private const string Commands = "http://jabber.org/protocol/commands", Phone = "dan@example.org/phone", Laptop = "dan@example.org/laptop";

    private readonly CallLab _lab = new();
    private readonly MixedCaller _dan, _eve;

    public ViewTests()
    {
        (_dan, _eve) = (new MixedCaller(_lab, Phone), new MixedCaller(_lab, "eve@example.org/phone"));
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasVideoMixer = true };
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    // The client that has commands is often not the one that calls.
    [Theory]
    [InlineData(Phone)]
    [InlineData(Laptop)]
    public async Task By_a_command(string from)
    {
        await CallAsync();
        var asked = await CommandAsync(from);
        Assert.Equal("executing", asked.Payload!["status"]);
        Assert.Equal(ViewDesk.Speaker, asked.Payload.Child("x", "jabber:x:data")!.ChildrenNamed("field", "jabber:x:data").Single(f => f["var"] == "picture").Child("value", "jabber:x:data")!.Value);

        Assert.Equal("completed", (await CommandAsync(from, ViewDesk.Everybody)).Payload!["status"]);
        Assert.Equal((ForwarderFeed.Composed, ForwarderFeed.Speaker), (SeenBy(_dan), SeenBy(_eve)));
        Assert.Equal("completed", (await CommandAsync(from, ViewDesk.Speaker)).Payload!["status"]);
        Assert.Equal(ForwarderFeed.Speaker, SeenBy(_dan));
    }

    [Fact]
    public async Task In_words()
    {
        await CallAsync();
        Assert.Equal("You see everybody in one picture now.", (await SayAsync(Phone, " Everybody ")).Body);
        Assert.Equal((ForwarderFeed.Composed, ForwarderFeed.Speaker), (SeenBy(_dan), SeenBy(_eve)));
        Assert.Equal("You see whoever speaks now.", (await SayAsync(Phone, "speaker")).Body);
        Assert.Equal(ForwarderFeed.Speaker, SeenBy(_dan));
        // Other words are nothing that a room takes.
        Assert.Equal("error", (await SayAsync(Phone, "hello")).Type);
        Assert.Equal("error", (await SayAsync("ann@example.org/web", "everybody")).Type);
    }

    [Fact]
    public async Task What_cannot_be_is_told()
    {
        Client.AssertError(StanzaCondition.ItemNotFound, await CommandAsync(Phone));
        Client.AssertError(StanzaCondition.ItemNotFound, await CommandAsync(Phone, ViewDesk.Everybody));
        Assert.Equal("error", (await SayAsync(Phone, "everybody")).Type);
        Assert.Empty(_lab.Rooms.Rooms);

        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasVideoMixer = false };
        await CallAsync();
        Client.AssertError(StanzaCondition.BadRequest, await CommandAsync(Phone, "nobody"));
        Client.AssertError(StanzaCondition.FeatureNotImplemented, await CommandAsync(Phone, ViewDesk.Everybody));
        Assert.Equal("Pictures cannot be put together here: you see whoever speaks.", (await SayAsync(Phone, "everybody")).Body);
        Assert.Equal(ForwarderFeed.Speaker, SeenBy(_dan));
    }

    private static ForwarderFeed SeenBy(MixedCaller caller) => caller.Endpoint.Forwarders.Single(f => f.Kind == MediaKind.Video).Feed;

    private async Task CallAsync()
    {
        await _dan.CallAsync(null, _dan.Audio(), _dan.Video());
        await _eve.CallAsync(null, _eve.Audio(), _eve.Video());
    }

    private async Task<Message> SayAsync(string from, string words)
    {
        await _lab.SayAsync(new Message(new Element("message", Ns.Client).Attr("type", "chat").Attr("from", from).Attr("to", Client.RoomAddress).Add("body", b => b.Text(words))));
        return _lab.Sent.OfType<Message>().Last(m => m.To?.ToString() == from);
    }

    private async Task<Iq> CommandAsync(string from, string? picture = null)
    {
        var command = new Element("command", Commands).Attr("node", ViewCommand.Node);
        if (picture is not null) command.Add(new Element("x", "jabber:x:data").Attr("type", "submit").Add("field", f => f.Attr("var", "picture").Add("value", v => v.Text(picture))));
        var reply = await _lab.Commands.HandleAsync(new IqRequest(Iq.Request("set", "1", from, Client.RoomAddress, command), new SenderInfo(SenderKind.Account, "s1"), "example.org"), Ct);
        await _lab.SettleAsync();
        return reply.Iq!;
    }
}
