using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Jingle;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>A telephone's keys (RFC 4733) wherever audio is agreed on, what they do to what is seen, and what is heard of it.</summary>
public sealed class KeyTests : IAsyncLifetime
{
    private static readonly RtpPayload Keys = new(126, "telephone-event", 8_000, 1, [], []), WideKeys = new(110, "telephone-event", 48_000, 1, [], []);

    private readonly CallLab _lab = new();
    private readonly MixedCaller _dan;

    public KeyTests()
    {
        _dan = new MixedCaller(_lab, "dan@example.org/phone");
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasVideoMixer = true };
    }

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task They_are_taken_in_audio_that_is_added_later()
    {
        await _dan.CallAsync(null, _dan.Video());
        Assert.Equal("result", (await _dan.AddAsync(AudioWith(Keys, WideKeys))).Type);
        Assert.Equal([(111, "opus"), (110, "telephone-event")], Assert.Single(_dan.Client.Of(JingleAction.ContentAccept)).Contents[0].Description!.Payloads.Select(p => (p.Id, p.Name!)));
        Assert.Equal([111, 110], Track.Payloads.Select(p => p.Number));
        Assert.Equal([111], Heard.Payloads.Select(p => p.Number));

        await PressAsync("*6");
        Assert.Equal([110], Track.Payloads.Select(p => p.Number));
    }

    [Fact]
    public async Task A_number_that_is_the_audio_s_own_is_none_of_theirs()
    {
        await _dan.CallAsync(null, AudioWith(WideKeys with { Id = 111 }, Keys));
        Assert.Equal([111, 126], Track.Payloads.Select(p => p.Number));
    }

    [Fact]
    public async Task The_room_offers_them_when_it_calls_and_takes_what_is_answered()
    {
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { Codecs = [.. _lab.Relay.Capabilities.Codecs, new(0, "PCMU", 8_000, 1, MediaKind.Audio, [], [])] };
        var eve = new RungPerson(_lab, "eve@example.org/phone");
        await new Client(_lab, "ann@example.org/page").JoinAsync();
        await RingAsync(eve);
        await eve.SayAsync("proceed");
        var offered = eve.Initiate.Contents[0].Description!;
        Assert.Equal([(111, 48_000), (0, 8_000), (110, 48_000), (126, 8_000)], offered.Payloads.Select(p => (p.Id, p.ClockRate)));
        Assert.All(offered.Payloads.Skip(2), p => Assert.Equal(("telephone-event", 0), (p.Name, p.Parameters.Count)));

        var accept = eve.Accept();
        var answered = accept.Contents[0] with { Description = accept.Contents[0].Description! with { Payloads = [WideKeys, Keys, new RtpPayload(0, "PCMU", 8_000, 1, [], [])] } };
        Assert.Equal("result", (await eve.Client.AskAsync(accept with { Contents = [answered] })).Type);
        await eve.ConnectAsync();
        Assert.Equal([(0, "PCMU"), (110, "telephone-event"), (126, "telephone-event")], Assert.Single(eve.Endpoint.Tracks).Payloads.Select(p => (p.Number, p.Codec)));
        Assert.Equal([0], Assert.Single(eve.Endpoint.Forwarders).Payloads.Select(p => p.Number));

        foreach (var key in "*9") await _lab.TellAsync(new KeyPressed(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(eve.Endpoint.Id), eve.Endpoint.Id, eve.Endpoint.Tracks[0].Id, key));
        Assert.Equal(CueSound.On, eve.Endpoint.Forwarders[0].Cue?.Sound);
    }

    [Fact]
    public async Task An_answer_of_keys_alone_is_none()
    {
        var eve = new RungPerson(_lab, "eve@example.org/phone");
        await new Client(_lab, "ann@example.org/page").JoinAsync();
        await RingAsync(eve);
        await eve.SayAsync("proceed");
        var accept = eve.Accept();
        await eve.Client.AskAsync(accept with { Contents = [accept.Contents[0] with { Description = accept.Contents[0].Description! with { Payloads = [WideKeys] } }] });
        Assert.Equal(JingleCondition.IncompatibleParameters, Assert.Single(eve.Client.Of(JingleAction.SessionTerminate)).Reason!.Condition);
    }

    [Fact]
    public async Task They_choose_what_is_seen_also_before_there_is_a_picture()
    {
        await _dan.CallAsync(null, AudioWith(WideKeys), _dan.Video());
        Assert.Equal(ForwarderFeed.Speaker, Seen.Feed);
        var (ssrc, sounds) = (Seen.Ssrc, new List<CueSound?>());
        foreach (var (keys, feed) in new[] { ("*2", ForwarderFeed.Composed), ("*1", ForwarderFeed.Speaker), ("12*32", ForwarderFeed.Speaker), ("*2", ForwarderFeed.Composed) })
        {
            await PressAsync(keys);
            Assert.Equal(feed, Seen.Feed);
        }

        // In one and the same stream.
        Assert.Equal(ssrc, Seen.Ssrc);
        Assert.Equal(new Cue(3, CueSound.Done), Heard.Cue);

        await _dan.Client.AskAsync(_dan.Message(JingleAction.ContentRemove, null, new JingleContent(JingleCreator.Initiator, "video")));
        await _dan.AddAsync(_dan.Video());
        Assert.Equal(ForwarderFeed.Composed, Seen.Feed);
    }

    [Fact]
    public async Task What_cannot_be_sounds_so()
    {
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasVideoMixer = false };
        await _dan.CallAsync(null, AudioWith(WideKeys), _dan.Video());
        Assert.Null(Heard.Cue);
        await PressAsync("*2");
        Assert.Equal((ForwarderFeed.Speaker, CueSound.Denied), (Seen.Feed, Heard.Cue?.Sound));
    }

    [Theory]
    [InlineData("*9", CueSound.On)]
    [InlineData("*9*9", CueSound.Off)]
    [InlineData("*6", CueSound.Off)]
    [InlineData("*6*6", CueSound.On)]
    public async Task What_is_done_is_heard(string keys, CueSound sound)
    {
        await _dan.CallAsync(null, AudioWith(WideKeys));
        await PressAsync(keys);
        Assert.Equal(new Cue(keys.Length / 2, sound), Heard.Cue);
    }

    [Fact]
    public async Task Who_is_held_hears_that_it_cannot_be()
    {
        var ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        await _dan.CallAsync(null, AudioWith(WideKeys));
        await _lab.TickAsync();
        Assert.Equal("result", (await ann.ModerateAsync("mute", ("participant", ann.State.Users.Single(u => u.DisplayText == "dan").Endpoint), ("held", "true"))).Type);
        await PressAsync("*6*6");
        Assert.Equal(CueSound.Denied, Heard.Cue?.Sound);
    }

    private TrackSpec Track => _dan.Endpoint.Tracks.Single(t => t.Kind == MediaKind.Audio);

    private ForwarderSpec Heard => _dan.Endpoint.Forwarders.Single(f => f.Kind == MediaKind.Audio);

    private ForwarderSpec Seen => _dan.Endpoint.Forwarders.Single(f => f.Kind == MediaKind.Video);

    private JingleContent AudioWith(params RtpPayload[] more) => _dan.Audio() is var audio ? audio with { Description = audio.Description! with { Payloads = [.. audio.Description!.Payloads, .. more] } } : audio;

    private async Task RingAsync(RungPerson whom)
    {
        await _lab.Rooms.PostAsync(Client.RoomAddress, false, r => r.Rings.Call(whom.Bare, "ann@example.org/page", false, new(SenderKind.Account)), TestContext.Current.CancellationToken);
        await _lab.SettleAsync();
    }

    private async Task PressAsync(string keys)
    {
        foreach (var key in keys) await _lab.TellAsync(new KeyPressed(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(_dan.Endpoint.Id), _dan.Endpoint.Id, Track.Id, key));
    }
}
