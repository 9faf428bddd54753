using System.Text.Json;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent.Recording;

/// <summary>Who records a call, what the relay is asked for, and that everybody is told.</summary>
public sealed class RoomRecordingTests
{
    [Fact]
    public async Task A_moderator_begins_and_ends_it_and_everybody_is_told()
    {
        await using var lab = Lab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync(nick: "Bob");
        var phone = new MixedCaller(lab, "pia@example.org/dino");
        await phone.CallAsync(null, phone.Audio());

        Assert.Equal(StanzaCondition.Forbidden, Condition(await RecordAsync(lab, bob, "start")));
        Assert.Null(lab.Relay.Requests[^1].Recording);
        Assert.Null(await RecordAsync(lab, ann, "start"));
        await lab.TickAsync();
        var spec = lab.Relay.Requests[^1].Recording!;
        Assert.Equal((RecordedMedia.All, false, true), (spec.Media, spec.Mix, Directory.Exists(spec.Directory)));
        Assert.All([ann, bob], c => Assert.Equal("Ann", c.State.Recording!["started-by"]));
        var told = Assert.Single(phone.Client.Inbox.OfType<Message>());
        Assert.Equal(("chat", "tea@calls.example.org", "This call is recorded. Ann began it."), (told.Type, told.From!.ToString(), told.Body));

        // Whoever comes later is told too, and what else is asked of the relay leaves the recording as it is.
        var late = new MixedCaller(lab, "leo@example.org/dino");
        await late.CallAsync(null, late.Audio());
        Assert.Single(late.Client.Inbox.OfType<Message>());
        Assert.Equal(spec, lab.Relay.Requests[^1].Recording);
        Assert.Single(phone.Client.Inbox.OfType<Message>());

        Assert.Null(await RecordAsync(lab, ann, "stop"));
        await lab.TickAsync();
        Assert.Null(lab.Relay.Requests[^1].Recording);
        Assert.All([ann, bob], c => Assert.Null(c.State.Recording));
        Assert.Equal("The recording of this call has ended.", phone.Client.Inbox.OfType<Message>().Last().Body);
        Assert.Equal(StanzaCondition.ItemNotFound, Condition(await RecordAsync(lab, ann, "stop")));
    }

    [Fact]
    public async Task The_index_tells_who_was_there_who_spoke_when_and_what_there_is_to_play()
    {
        await using var lab = Lab(o => o.Addresses = true);
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var guest = await new Client(lab, "x@guest.example.org/web") { Kind = SenderKind.Guest }.JoinAsync(nick: "Gil");
        await RecordAsync(lab, ann, "start");
        var spec = lab.Relay.Requests[^1].Recording!;
        var start = lab.Clock.GetUtcNow();
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        await SpeaksAsync(lab, ann);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(5));
        await SpeaksAsync(lab, guest);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(1));
        await SpeaksAsync(lab, guest, false);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(1));
        await SpeaksAsync(lab, guest);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(1));
        var leg = ann.Endpoint.Id;
        var conference = lab.Relay.ConferenceOf(leg);
        RecordedFile[] files = [new("001.webm", leg, start.AddSeconds(1), TimeSpan.FromSeconds(17), 4711, ["opus", "vp8"], 3, [new(MediaKind.Video, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6))])];
        await lab.TellAsync(new RecordingChanged(lab.Relay.Epoch, conference, spec.Id, files, null));
        lab.Recordings.Save();
        var running = Index(spec);
        Assert.Equal((null, null), (running.End, running.EndedBy));

        await guest.EndedAsync();
        await lab.AdvanceAsync(TimeSpan.FromSeconds(2));
        await ann.EndedAsync();
        await lab.TellAsync(new RecordingChanged(lab.Relay.Epoch, conference, spec.Id, files, RecordingEnd.Stopped));
        lab.Recordings.Save();
        Assert.Empty(lab.Recordings.Live);

        var index = Index(spec);
        Assert.Equal(("tea@calls.example.org", "Ann", "stopped", start, start.AddSeconds(20)), (index.Room, index.StartedBy, index.EndedBy, index.Start, index.End!.Value));
        Assert.Equal([("Ann", "ann@example.org", 0.0, 20.0), ("Gil", "", 0.0, 18.0)], index.Participants.Select(p => (p.Name, p.Address ?? "", p.Joined, p.Left!.Value)));
        Assert.Equal([(ann.ParticipantId, 10.0, 15.0), (index.Participants[1].Id, 15.0, 16.0), (index.Participants[1].Id, 17.0, 20.0)], index.Speakers.Select(s => (s.Participant, s.From, s.To!.Value)));
        var file = Assert.Single(index.Files);
        Assert.Equal((ann.ParticipantId, 1.0, 17.0, 4711L, 3L), (file.Participant, file.Begin, file.Duration, file.Bytes, file.LostPackets));
        Assert.Equal(("video", 5.0, 7.0), (file.Gaps[0].Media, file.Gaps[0].From, file.Gaps[0].To));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(spec.Directory, "index.json")));
    }

    [Fact]
    public async Task Everybody_in_one_picture_is_recorded_where_somebody_asks_for_it_or_the_settings_do()
    {
        await using var lab = Lab();
        lab.Relay.Capabilities = lab.Relay.Capabilities with { HasMixer = true, HasVideoMixer = true };
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        Client.AssertError(StanzaCondition.BadRequest, await StartAsync("everything"));
        Assert.Equal((false, false), await AskedAsync(() => StartAsync(null)));
        Assert.Equal((true, false), await AskedAsync(() => StartAsync("sound")));
        Assert.Equal((true, true), await AskedAsync(() => StartAsync("picture")));
        Assert.Equal((true, true), await AskedAsync(async () => Assert.Null(await lab.Desk.StartAsync(ann.Room, RecordedMix.Picture, Ct))));
        lab.Options.Recording.MixVideo = true;
        Assert.Equal((true, true), await AskedAsync(() => StartAsync(null)));
        Assert.Equal((false, false), await AskedAsync(() => StartAsync("none")));
        Assert.Equal((true, true), await AskedAsync(async () =>
        {
            lab.Options.Recording.MixVideo = false;
            var command = new Element("command", "http://jabber.org/protocol/commands").Attr("node", "urn:parley:recording:0#start-composed").Attr("action", "execute");
            await lab.Commands.HandleAsync(new IqRequest(Iq.Request("set", "1", ann.Jid, ann.Room, command), new SenderInfo(SenderKind.Account, "s1"), "example.org"), Ct);
        }));

        async Task<Iq> StartAsync(string? mix)
        {
            var record = new Element("record", "urn:parley:recording:0").Attr("action", "start").Attr("mix", mix);
            return (await new RecordingHandler(lab.Desk).HandleAsync(new IqRequest(Iq.Request("set", "1", ann.Jid, ann.Room, record), new SenderInfo(SenderKind.Account, "s1"), "example.org"), Ct)).Iq!;
        }

        async Task<(bool Mix, bool Composed)> AskedAsync(Func<Task> start)
        {
            await start();
            await lab.SettleAsync();
            var spec = lab.Relay.Requests[^1].Recording!;
            Assert.Null(await RecordAsync(lab, ann, "stop"));
            return (spec.Mix, spec.Composed);
        }
    }

    [Fact]
    public async Task The_index_tells_what_is_in_no_file()
    {
        await using var lab = Lab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        lab.Relay.Capabilities = lab.Relay.Capabilities with { HasMixer = true, HasVideoMixer = false };
        Assert.Null(await lab.Desk.StartAsync(ann.Room, RecordedMix.Picture, Ct));
        await lab.SettleAsync();
        var spec = lab.Relay.Requests[^1].Recording!;
        await lab.TellAsync(new RecordingChanged(lab.Relay.Epoch, lab.Relay.ConferenceOf(ann.Endpoint.Id), spec.Id, [], null, [new(ann.Endpoint.Id, MediaKind.Video, "h264")]));
        lab.Recordings.Save();
        Assert.Equal(
            [(null, "video", null, "Everybody is not in one picture: this server has no libvpx or no libyuv."), (ann.ParticipantId, "video", "H264", "WebM has no H264, and it is not translated here.")],
            Index(spec).NotRecorded!.Select(o => (o.Participant, o.Media, o.Codec, o.Why)));
    }

    [Fact]
    public async Task A_room_of_the_settings_is_recorded_from_the_first_who_is_there_unless_somebody_ends_it()
    {
        await using var lab = Lab(o => o.Rooms = ["tea"]);
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync(isUp: false);
        Assert.Null(lab.Relay.Requests[^1].Recording);
        await ann.ConnectedAsync();
        Assert.NotNull(lab.Relay.Requests[^1].Recording);
        Assert.Null(await RecordAsync(lab, ann, "stop"));
        await new Client(lab, "bob@example.org/web").JoinAsync();
        Assert.Null(lab.Relay.Requests[^1].Recording);
        // Another room is not.
        await new Client(lab, "cem@example.org/web", "coffee@calls.example.org").JoinAsync();
        Assert.Null(lab.Relay.Requests[^1].Recording);
    }

    [Fact]
    public async Task Where_recording_is_off_or_nobody_is_there_none_begins()
    {
        await using var off = new CallLab();
        var ann = await new Client(off, "ann@example.org/web").JoinAsync();
        Assert.Equal(StanzaCondition.NotAllowed, Condition(await RecordAsync(off, ann, "start")));
        Assert.Equal("Recording is off on this server.", await off.Desk.StartAsync("tea@calls.example.org", ct: Ct));
        await using var empty = Lab();
        Assert.Equal("Nobody is in that call.", await empty.Desk.StartAsync("tea@calls.example.org", ct: Ct));
    }

    [Fact]
    public async Task Everybody_is_told_when_the_storage_is_full_and_none_begins_then()
    {
        await using var lab = Lab(o => o.StorageLimit = 16 * 1024 * 1024);
        var phone = new MixedCaller(lab, "pia@example.org/dino");
        await phone.CallAsync(null, phone.Audio());
        Assert.Null(await lab.Desk.StartAsync("tea@calls.example.org", ct: Ct));
        await lab.SettleAsync();
        var spec = lab.Relay.Requests[^1].Recording!;
        Assert.InRange(spec.MaxBytes, 1, 16 * 1024 * 1024);
        Assert.Equal("This call is recorded. The operator began it.", phone.Client.Inbox.OfType<Message>().Single().Body);
        await lab.TellAsync(new RecordingChanged(lab.Relay.Epoch, lab.Relay.ConferenceOf(phone.Endpoint.Id), spec.Id, [], RecordingEnd.StorageFull));
        Assert.Null(lab.Relay.Requests[^1].Recording);
        Assert.Equal("The recording of this call has ended: there is no room for more.", phone.Client.Inbox.OfType<Message>().Last().Body);
        await File.WriteAllBytesAsync(Path.Combine(spec.Directory, "001.webm"), new byte[17 * 1024 * 1024], Ct);
        Assert.Equal("There is no room left for recordings.", await lab.Desk.StartAsync("tea@calls.example.org", ct: Ct));
    }

    [Fact]
    public async Task What_a_crash_cut_off_is_repaired_at_the_next_start_and_the_old_is_deleted()
    {
        var directory = Directory.CreateTempSubdirectory("parley-recordings-").FullName;
        try
        {
            string path;
            await using (var lab = Lab(directory: directory))
            {
                await new Client(lab, "ann@example.org/web").JoinAsync();
                Assert.Null(await lab.Desk.StartAsync("tea@calls.example.org", ct: Ct));
                await lab.SettleAsync();
                path = lab.Relay.Requests[^1].Recording!.Directory;
                lab.Recordings.Save();
                await File.WriteAllBytesAsync(Path.Combine(path, "001.webm"), new byte[100], Ct);
                File.Copy(Path.Combine(path, "index.json"), Path.Combine(path, "crash.json"));
            }

            File.Move(Path.Combine(path, "crash.json"), Path.Combine(path, "index.json"), overwrite: true);
            await using (var lab = Lab(directory: directory))
            {
                await lab.Keeper.RepairAsync(lab.Relay, Ct);
                Assert.Equal([path], lab.Relay.Repaired);
                var index = JsonSerializer.Deserialize<RecordingIndex>(File.ReadAllText(Path.Combine(path, "index.json")), JsonSerializerOptions.Web)!;
                Assert.Equal(("interrupted", index.Start.AddSeconds(3), "001.webm", 3.0), (index.EndedBy, index.End, index.Files[0].Name, index.Files[0].Duration));
                lab.Keeper.Sweep();
                Assert.True(Directory.Exists(path));
                lab.Clock.Advance(TimeSpan.FromDays(31));
                lab.Keeper.Sweep();
                Assert.False(Directory.Exists(path));
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task What_the_relay_refuses_ends_the_recording_and_not_the_call()
    {
        await using var lab = Lab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var phone = new MixedCaller(lab, "pia@example.org/dino");
        await phone.CallAsync(null, phone.Audio());
        lab.Relay.Judge = r => r.Recording is null ? null : RelayFault.ResourceConstraint;
        await RecordAsync(lab, ann, "start");
        await lab.TickAsync();
        await lab.TickAsync();
        Assert.Null(ann.Ended);
        Assert.Null(phone.Client.Ended);
        Assert.Equal(2, lab.Relay.Endpoints.Count);
        Assert.Null(ann.State.Recording);
        Assert.Equal("The recording of this call has ended: it could not be written.", phone.Client.Inbox.OfType<Message>().Last().Body);
        Assert.Equal(RecordingEnd.Failed, Assert.Single(lab.Recordings.Live).EndedBy);
    }

    [Fact]
    public async Task Recordings_that_together_take_too_much_end_though_nothing_happens_in_their_rooms()
    {
        await using var lab = Lab(o => o.StorageLimit = 16 * 1024 * 1024);
        foreach (var room in new[] { "tea", "milk" })
        {
            await new Client(lab, $"{room}@example.org/web", $"{room}@calls.example.org").JoinAsync();
            Assert.Null(await lab.Desk.StartAsync($"{room}@calls.example.org", ct: Ct));
        }

        await lab.SettleAsync();
        foreach (var live in lab.Recordings.Live) await File.WriteAllBytesAsync(Path.Combine(live.Spec.Directory, "001.webm"), new byte[7 * 1024 * 1024], Ct);
        lab.Keeper.EndBeyondLimit();
        await lab.SettleAsync();
        Assert.All(lab.Rooms.Rooms, r => Assert.NotNull(r.Recorder.Live));
        foreach (var live in lab.Recordings.Live) await File.WriteAllBytesAsync(Path.Combine(live.Spec.Directory, "001.webm"), new byte[9 * 1024 * 1024], Ct);
        lab.Keeper.EndBeyondLimit();
        await CallLab.EventuallyAsync(() => lab.Rooms.Rooms.All(r => r.Recorder.Live is null));
        await lab.SettleAsync();
        Assert.All(lab.Recordings.Live, l => Assert.Equal(RecordingEnd.StorageFull, l.EndedBy));
        Assert.All(lab.Relay.Requests.GroupBy(r => r.ConferenceId), g => Assert.Null(g.Last().Recording));
    }

    [Fact]
    public async Task A_recording_in_which_nothing_is_leaves_nothing()
    {
        await using var lab = Lab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        await RecordAsync(lab, ann, "start");
        var spec = lab.Relay.Requests[^1].Recording!;
        await RecordAsync(lab, ann, "stop");
        lab.Recordings.Save();
        Assert.True(Directory.Exists(spec.Directory)); // the relay may have more to say
        await lab.TellAsync(new RecordingChanged(lab.Relay.Epoch, lab.Relay.ConferenceOf(ann.Endpoint.Id), spec.Id, [], RecordingEnd.Stopped));
        lab.Recordings.Save();
        Assert.Empty(lab.Recordings.Live);
        Assert.False(Directory.Exists(spec.Directory));
    }

    [Fact]
    public async Task What_failed_is_repaired_too_and_one_that_cannot_be_keeps_no_other_from_it()
    {
        await using var lab = Lab();
        foreach (var (id, end) in new[] { ("20260101-000000-00000000000a", "null"), ("20260101-000000-00000000000b", "\"failed\""), ("20260101-000000-00000000000c", "null") })
        {
            var path = Directory.CreateDirectory(Path.Combine(lab.Directory, "recordings", id)).FullName;
            var (ended, why) = end == "null" ? ("null", "null") : ("\"2026-01-01T00:01:00+00:00\"", end);
            await File.WriteAllTextAsync(Path.Combine(path, "index.json"), $$"""{"id":"{{id}}","room":"tea@calls.example.org","startedBy":"Ann","start":"2026-01-01T00:00:00+00:00","end":{{ended}},"endedBy":{{why}},"participants":[],"files":[],"speakers":[]}""", Ct);
            await File.WriteAllBytesAsync(Path.Combine(path, "001.webm"), new byte[100], Ct);
        }

        lab.Relay.CannotRepair = "20260101-000000-00000000000a";
        await lab.Keeper.RepairAsync(lab.Relay, Ct);
        Assert.Equal([null, "failed", "interrupted"], lab.Recordings.List(null, DateTimeOffset.UnixEpoch).Select(i => i.EndedBy));
        Assert.Equal([0, 1, 1], lab.Recordings.List(null, DateTimeOffset.UnixEpoch).Select(i => i.Files.Count));
        Assert.Single(lab.Faults);
        lab.Faults.Clear();
    }

    [Fact]
    public async Task One_that_runs_is_not_swept_however_long_it_runs_and_one_that_is_never_told_to_have_ended_is_let_go()
    {
        await using var lab = Lab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        await RecordAsync(lab, ann, "start");
        var spec = lab.Relay.Requests[^1].Recording!;
        lab.Clock.Advance(TimeSpan.FromDays(3_650));
        lab.Keeper.Sweep();
        Assert.True(Directory.Exists(spec.Directory));
        await lab.SettleAsync();
        await RecordAsync(lab, ann, "stop");
        lab.Clock.Advance(TimeSpan.FromSeconds(50));
        lab.Recordings.Save();
        Assert.Single(lab.Recordings.Live);
        lab.Clock.Advance(TimeSpan.FromSeconds(20));
        lab.Recordings.Save();
        Assert.Empty(lab.Recordings.Live);
        Assert.Equal("stopped", Index(spec).EndedBy);
    }

    [Fact]
    public async Task A_guest_whom_a_moderator_made_one_records_and_is_given_nothing()
    {
        await using var lab = Lab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var guest = await new Client(lab, "x@guest.example.org/web") { Kind = SenderKind.Guest }.JoinAsync(nick: "Gil");
        await ann.ModerateAsync("grant", ("participant", guest.ParticipantId));
        Assert.Null(await RecordAsync(lab, guest, "start"));
        Assert.NotNull(await lab.Desk.SinceAsync(ann.Room, ann.Jid, ann.Kind, Ct));
        Assert.Null(await lab.Desk.SinceAsync(guest.Room, guest.Jid, guest.Kind, Ct));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static CallLab Lab(Action<RecordingOptions>? change = null, string? directory = null)
    {
        var options = new FocusAgentOptions { OpenTo = OpenTo.Guests };
        options.Recording.Enabled = true;
        change?.Invoke(options.Recording);
        Assert.Empty(FocusAgentOptions.Validate(options));
        return new CallLab(options, directory: directory);
    }

    private static async Task<StanzaError?> RecordAsync(CallLab lab, Client client, string action)
    {
        var error = await lab.Desk.RunAsync(client.Room, action == "start", client.Jid, client.Kind, Ct);
        await lab.SettleAsync();
        return error;
    }

    private static StanzaCondition? Condition(StanzaError? error) => error?.Condition;

    private static Task SpeaksAsync(CallLab lab, Client client, bool isSpeaking = true) => lab.TellAsync(new SpeakerChanged(lab.Relay.Epoch, lab.Relay.ConferenceOf(client.Endpoint.Id), client.Endpoint.Id, [], isSpeaking));

    private static RecordingIndex Index(RecordingSpec spec) => JsonSerializer.Deserialize<RecordingIndex>(File.ReadAllText(Path.Combine(spec.Directory, "index.json")), JsonSerializerOptions.Web)!;
}
