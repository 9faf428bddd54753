using Parley.Plugin.Abstractions;

namespace Parley.tests.Plugins.Push;

/// <summary>Clients that seemed to be there when they were sent something, and do not answer.</summary>
public sealed class UnheardTests
{
    private const string Words = "<message xmlns='jabber:client' from='ben@far.test/b' to='ann@one.test' type='chat' id='1'><body>hi</body></message>";

    private const string Typing = "<message xmlns='jabber:client' from='ben@far.test/b' to='ann@one.test' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>";

    private const string Call = "<message xmlns='jabber:client' from='ben@far.test/b' to='ann@one.test' type='chat' id='2'><propose xmlns='urn:xmpp:jingle-message:0' id='c'/></message>";

    private const string Copy = $"<message xmlns='jabber:client' from='ann@one.test' to='ann@one.test/phone'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{Words}</forwarded></received></message>";

    private const string OwnCopy = $"<message xmlns='jabber:client' from='ann@one.test' to='ann@one.test/phone'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{Words}</forwarded></sent></message>";

    [Theory]
    [InlineData(1, Words)]
    [InlineData(1, Call)]
    [InlineData(1, Copy)]
    [InlineData(0, OwnCopy)]
    [InlineData(0, Typing)]
    public async Task Are_woken_by_what_somebody_would_look_at(int pushes, string message)
    {
        await using var lab = await new PushLab().StartAsync();
        var phone = lab.Bind("ann@one.test/phone");
        await lab.EnableAsync(phone, "phone");
        await lab.EnableAsync(lab.Bind("ann@one.test/tablet", attention: ClientAttention.Away), "tablet"); // told when it came
        lab.FallSilent(phone, message);
        Assert.All(await lab.TakeAsync(pushes), iq => Assert.Equal("phone", iq.Payload!.Child("publish")!["node"]));
    }

    [Fact]
    public async Task Are_woken_by_calls_alone_while_another_client_shows_the_rest()
    {
        await using var lab = await new PushLab().StartAsync();
        var phone = lab.Bind("ann@one.test/phone");
        await lab.EnableAsync(phone);
        lab.Bind("ann@one.test/computer");
        lab.FallSilent(phone, Words);
        await lab.TakeAsync(0);
        lab.FallSilent(phone, Call);
        await lab.TakeAsync(1);
    }

    [Fact]
    public async Task Are_told_of_no_message_twice_when_it_goes_another_way()
    {
        await using var lab = await new PushLab().StartAsync();
        var phone = lab.Bind("ann@one.test/phone");
        await lab.EnableAsync(phone);
        lab.FallSilent(phone, Words);
        await lab.TakeAsync(1);
        lab.Time.Advance(TimeSpan.FromMinutes(1));
        await lab.ReceiveAsync(id: "1", isLate: true);
        await lab.TakeAsync(0);
        await lab.ReceiveAsync(id: "3", isLate: true);
        Assert.Equal("2", PushLab.Field(Assert.Single(await lab.TakeAsync(1)), "message-count"));
    }
}
