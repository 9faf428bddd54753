using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Parley.Plugins.Muc;
using Parley.Plugins.Muc.Service;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.Muc;

/// <summary>Floods of rooms: those who make them are refused, the others are heard, and the operator reads who it was.</summary>
public sealed class FloodTests
{
    [Fact]
    public async Task Strangers_in_numbers_keep_no_member_out()
    {
        await using var lab = await new MucLab(new MucOptions { JoinsPerMinutePerRoom = 5 }).LoadAsync();
        await lab.EnterAsync("ann");
        await lab.ConfigureAsync("ann");
        await lab.SendAsync($"<iq type='set' id='m' from='{RoomLab.Full("ann")}' to='tea@rooms.one.test'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member' jid='ben@one.test'/></query></iq>");
        for (var i = 0; i < 10; i++) await lab.EnterAsync($"s{i}");

        await lab.IsRefusedAsync("s9", "resource-constraint");
        await lab.EnterAsync("ben");
        await lab.HearsAsync("ben", s => s is Presence { IsAvailable: true });
    }

    [Fact]
    public async Task Who_floods_a_room_is_refused_and_the_others_are_heard()
    {
        await using var lab = await new MucLab(new MucOptions { MessagesPerMinutePerAccount = 10 }).LoadAsync();
        await lab.EnterAsync("ann");
        await lab.ConfigureAsync("ann");
        await lab.EnterAsync("ben");
        for (var i = 0; i < 15; i++) await lab.SayAsync("ben", $"b{i}");
        await lab.SendAsync($"<presence from='{RoomLab.Full("ben")}' to='tea@rooms.one.test/ben'><show>away</show></presence>");
        await lab.SayAsync("ann", "calm");

        await lab.HearsAsync("ann", "calm");
        await lab.HearsAsync("ben", "calm");
        Assert.Equal("wait", (await lab.IsRefusedAsync("ben", "resource-constraint")).Element.Child("error")!["type"]);
        Assert.Equal(10, lab.Router.Sent.Count(s => s is Message { Body: { } body } && body.StartsWith('b') && s.To == RoomLab.Full("ann")));
        Assert.DoesNotContain(lab.Router.Sent, s => s is Presence && s.To == RoomLab.Full("ann") && s.Element.Child("show") is not null);
        lab.Clock.Advance(TimeSpan.FromSeconds(30));
        await lab.SayAsync("ben", "again");
        await lab.HearsAsync("ann", "again");
    }

    [Fact]
    public void Each_is_told_of_once_a_minute_and_few_of_many()
    {
        var (log, clock) = (new RecordingLogger(), new FakeTimeProvider());
        var floods = new FloodLog(log, clock);
        for (var i = 0; i < 1000; i++) floods.Tell("mal@one.test", "tea@rooms.one.test", "enters rooms too often");
        Assert.Equal(["Limit met by mal@one.test in tea@rooms.one.test: enters rooms too often"], log.Lines);
        for (var i = 0; i < 1000; i++) floods.Tell($"mal{i}@one.test", "tea@rooms.one.test", "enters rooms too often");
        Assert.Equal(FloodLog.MostNamed, log.Lines.Count);
        clock.Advance(TimeSpan.FromMinutes(1));
        floods.Tell("mal@one.test", "tea@rooms.one.test", "enters rooms too often");
        Assert.Equal(FloodLog.MostNamed + 2, log.Lines.Count);
        Assert.Equal("Limits of rooms were met 1980 times more", log.Lines[FloodLog.MostNamed]);
    }

    private sealed class RecordingLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}
