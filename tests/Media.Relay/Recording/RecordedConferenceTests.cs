using System.Buffers.Binary;
using Parley.Media.Control;
using Parley.Media.Core.Rtcp;
using Parley.tests.Media.Core.Recording;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Recording;

/// <summary>Conferences that are recorded, in virtual time: from SRTP to files that ffmpeg plays.</summary>
public sealed class RecordedConferenceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-recording-").FullName;
    private readonly HandRecorder _recorder = new();
    private readonly VirtualRelay _relay;

    public RecordedConferenceTests() => _relay = new(recorder: relay =>
    {
        _recorder.Relay = relay;
        return _recorder;
    });

    [Fact]
    public void Each_endpoint_has_a_file_in_which_picture_and_sound_are_together()
    {
        var peers = _relay.Fill(2);
        Record(new("one", _directory, RecordedMedia.All, Mix: false, long.MaxValue, 0));
        FootageSender[] senders = [new(peers[0], _relay.NowMs + 100), new(peers[1], _relay.NowMs + 2_050)];
        _relay.Run(9_000, now =>
        {
            foreach (var sender in senders) sender.Tick(now);
            _recorder.Tick(now);
        });
        Record(null);
        _recorder.Tick(_relay.NowMs);

        var ended = _relay.Events.OfType<RecordingChanged>().Last();
        Assert.Equal(RecordingEnd.Stopped, ended.EndedBy);
        Assert.Equal(["p1", "p2"], ended.Files.Select(f => f.EndpointId));
        // One time line for all: the second began 1.95 s after the first.
        Assert.Equal(1.95, (ended.Files[1].Begin - ended.Files[0].Begin).TotalSeconds, 0.05);
        foreach (var file in ended.Files)
        {
            var path = Path.Combine(_directory, file.Name);
            Assert.Equal("", Ffmpeg.Complaints(path));
            Assert.Equal(new FileInfo(path).Length, file.Bytes, 4_096.0);
            Assert.Equal(file.Duration.TotalSeconds, Ffmpeg.Format(path, "duration"), 0.05);
            Assert.Equal(["opus", "vp8"], file.Codecs.Order());
            Assert.Empty(file.Gaps);
            var (flashes, beeps) = (Ffmpeg.Flashes(path), Ffmpeg.Beeps(path));
            Assert.InRange(flashes.Count, 3, 5);
            Assert.Equal(flashes.Count, beeps.Count);
            foreach (var (flash, beep) in flashes.Zip(beeps).Skip(1)) Assert.InRange(flash - beep, -0.040, 0.040);
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory, "001.webm")));
    }

    [Fact]
    public void It_asks_for_a_keyframe_at_once_and_begins_with_it()
    {
        var peers = _relay.Fill(2);
        peers[0].SendFrame(isKeyframe: true);
        _relay.Run(1_000);
        peers[0].ReceivedRtcp.Clear();
        Record(new("one", _directory, RecordedMedia.Video, Mix: false, long.MaxValue, 0));
        _relay.Run(1_000, _recorder.Tick);
        Assert.Contains(peers[0].ReceivedRtcp, IsPictureLoss);
    }

    [Fact]
    public void Who_leaves_has_a_finished_file_and_who_comes_again_has_another()
    {
        var peers = _relay.Fill(2);
        Record(new("one", _directory, RecordedMedia.Audio, Mix: false, long.MaxValue, 0));
        Speak(peers[0], 2_000);
        _relay.Table.Modify(new(VirtualRelay.Conference, [], ["p1"], Recording: _recorder.Last!.Spec), "epoch", _relay.NowMs);
        _recorder.Tick(_relay.NowMs);
        Assert.Equal("", Ffmpeg.Complaints(Path.Combine(_directory, "001.webm")));
        Assert.InRange(Ffmpeg.Format(Path.Combine(_directory, "001.webm"), "duration"), 1.9, 2.1);
        Speak(peers[1], 1_500);
        Record(null);
        _recorder.Tick(_relay.NowMs);
        Assert.Equal(["p1", "p2"], _relay.Events.OfType<RecordingChanged>().Last().Files.Select(f => f.EndpointId));
    }

    [Fact]
    public void It_ends_where_its_room_ends_and_says_so()
    {
        var peers = _relay.Fill(2);
        Record(new("one", _directory, RecordedMedia.Audio, Mix: false, MaxBytes: 5_000, 0));
        Speak(peers[0], 8_000);
        Assert.Equal(RecordingEnd.StorageFull, _relay.Events.OfType<RecordingChanged>().Last().EndedBy);
        Assert.Equal("", Ffmpeg.Complaints(Path.Combine(_directory, "001.webm")));
        Assert.InRange(new FileInfo(Path.Combine(_directory, "001.webm")).Length, 5_000, 20_000);
        // Another one may begin.
        Record(new("two", Directory.CreateDirectory(Path.Combine(_directory, "two")).FullName, RecordedMedia.Audio, Mix: false, long.MaxValue, 0));
        Speak(peers[1], 3_000);
        Assert.Null(_relay.Events.OfType<RecordingChanged>().Last().EndedBy);
        Record(new("three", Directory.CreateDirectory(Path.Combine(_directory, "three")).FullName, RecordedMedia.Audio, Mix: false, long.MaxValue, MinFreeBytes: long.MaxValue));
        _relay.Run(100, _recorder.Tick);
        Assert.Equal(("three", RecordingEnd.StorageFull), (_relay.Events.OfType<RecordingChanged>().Last().RecordingId, _relay.Events.OfType<RecordingChanged>().Last().EndedBy));
    }

    [Fact]
    public void Who_is_muted_is_not_recorded_whatever_comes()
    {
        var peers = _relay.Fill(2);
        var spec = new RecordingSpec("one", _directory, RecordedMedia.All, Mix: false, long.MaxValue, 0);
        var muted = Specs.Leg(peers[0], [peers[1]]);
        muted = muted with { Tracks = [.. muted.Tracks.Select(t => t with { Muted = true })] };
        _relay.Table.Modify(new(VirtualRelay.Conference, [muted], [], Recording: spec), "epoch", _relay.NowMs);
        Speak(peers[0], 2_000);
        Speak(peers[1], 2_000);
        Record(null);
        _recorder.Tick(_relay.NowMs);
        Assert.Equal("p2", Assert.Single(_relay.Events.OfType<RecordingChanged>().Last().Files).EndpointId);
    }

    [Fact]
    public void A_telephone_is_recorded_as_Opus_with_its_picture_and_what_cannot_be_is_told()
    {
        var (mixer, recorder) = (new HandMixer(), new HandRecorder());
        var relay = new VirtualRelay(mixer: mixer, recorder: r =>
        {
            recorder.Relay = r;
            return recorder;
        });
        var peers = new[] { relay.AddPeer("p1", 1), relay.AddPeer("p2", 2) };
        var (pcmu, h264) = (new PayloadType(0, "PCMU", 8_000, 1, MediaKind.Audio, [], []), Specs.Vp8 with { Number = 98, Codec = "H264" });
        var state = relay.Modify(
            new EndpointSpec("p1", [Specs.Transport(peers[0])], [Specs.AudioTrack(peers[0]) with { Payloads = [pcmu] }, Specs.VideoTrack(peers[0])], []),
            new EndpointSpec("p2", [Specs.Transport(peers[1])], [Specs.VideoTrack(peers[1]) with { Payloads = [h264] }], []));
        foreach (var peer in peers) peer.Connect(Rooms.StateOf(state, peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(300);
        relay.Table.Modify(new(VirtualRelay.Conference, [], [], Recording: new("one", _directory, RecordedMedia.All, Mix: false, long.MaxValue, 0)), "epoch", relay.NowMs);
        var sender = new FootageSender(peers[0], relay.NowMs, isTelephone: true);
        relay.Run(9_000, now =>
        {
            sender.Tick(now);
            if (now % 100 == 0) peers[1].SendRtp([0x80, 98, 0, (byte)(now / 100), 0, 0, 0, 0, .. BitConverter.GetBytes(peers[1].Video.Ssrc).Reverse(), 0x65, 1, 2, 3]);
            if (now % 20 == 0) mixer.Tick(now);
            recorder.Tick(now);
        });
        relay.Table.Modify(new(VirtualRelay.Conference, [], []), "epoch", relay.NowMs);
        recorder.Tick(relay.NowMs);

        var ended = relay.Events.OfType<RecordingChanged>().Last();
        Assert.Equal([new("p2", MediaKind.Video, "h264")], ended.Omissions!);
        var file = Assert.Single(ended.Files);
        Assert.Equal(("p1", 0L), (file.EndpointId, file.LostPackets));
        Assert.Equal(["opus", "vp8"], file.Codecs.Order());
        var path = Path.Combine(_directory, file.Name);
        Assert.Equal("", Ffmpeg.Complaints(path));
        var (flashes, beeps) = (Ffmpeg.Flashes(path), Ffmpeg.Beeps(path));
        Assert.InRange(flashes.Count, 3, 5);
        TestContext.Current.TestOutputHelper?.WriteLine($"flashes {string.Join(' ', flashes)}, beeps {string.Join(' ', beeps)}");
        foreach (var (flash, beep) in flashes.Zip(beeps).Skip(1)) Assert.InRange(flash - beep, -0.020, 0.020); // nothing here is left to chance
    }

    [Theory]
    [InlineData(MediaKind.Video)]
    [InlineData(MediaKind.Audio)]
    public void What_somebody_switches_on_later_is_in_a_file_that_ffmpeg_can_play(MediaKind late)
    {
        var peers = _relay.Fill(2);
        var leg = Specs.Leg(peers[0], [peers[1]]);
        var without = leg with { Tracks = [.. leg.Tracks.Select(t => t with { Muted = t.Kind == late })] };
        RecordingSpec spec = new("one", _directory, RecordedMedia.All, Mix: false, long.MaxValue, 0);
        _relay.Table.Modify(new(VirtualRelay.Conference, [without], [], Recording: spec), "epoch", _relay.NowMs);
        var sender = new FootageSender(peers[0], _relay.NowMs);
        Run(4_500);
        _relay.Table.Modify(new(VirtualRelay.Conference, [leg], [], Recording: spec), "epoch", _relay.NowMs);
        Run(5_000);
        Record(null);
        _recorder.Tick(_relay.NowMs);

        var files = _relay.Events.OfType<RecordingChanged>().Last().Files;
        Assert.All(files, f => Assert.Equal("", Ffmpeg.Complaints(Path.Combine(_directory, f.Name))));
        Assert.Equal(["opus", "vp8"], files[^1].Codecs.Order());
        var path = Path.Combine(_directory, files[^1].Name);
        foreach (var (flash, beep) in Ffmpeg.Flashes(path).TakeLast(2).Zip(Ffmpeg.Beeps(path).TakeLast(2))) Assert.InRange(flash - beep, -0.040, 0.040);
        if (late == MediaKind.Video)
        {
            // The sound goes on without a hole.
            Assert.Equal((2, "p1", "p1"), (files.Count, files[0].EndpointId, files[1].EndpointId));
            Assert.Equal(["opus"], files[0].Codecs);
            Assert.Equal(files[0].Duration.TotalSeconds, (files[1].Begin - files[0].Begin).TotalSeconds, 0.03);
        }
        else
        {
            Assert.Single(files);
            var sounds = Ffmpeg.Packets(path, "a:0").Select(p => p.Time).ToList();
            Assert.InRange(sounds[0], -0.01, 0.1);
            Assert.InRange(sounds[1], 2, 6);
        }

        void Run(long milliseconds) => _relay.Run(milliseconds, now =>
        {
            sender.Tick(now);
            _recorder.Tick(now);
        });
    }

    [Fact]
    public void A_tool_that_starts_anew_with_other_numbers_is_recorded_on()
    {
        var (tools, recorder) = (new RawTools(), new HandRecorder());
        var relay = new VirtualRelay(rawPorts: tools, recorder: r =>
        {
            recorder.Relay = r;
            return recorder;
        });
        relay.Table.Modify(new(VirtualRelay.Conference, [RawTools.Leg("tool", null)], [], Recording: new("one", _directory, RecordedMedia.Audio, Mix: false, long.MaxValue, 0)), "epoch", relay.NowMs);
        void Play(uint ssrc, int milliseconds)
        {
            ushort sequence = 500;
            relay.Run(milliseconds, now =>
            {
                recorder.Tick(now);
                if (now % 20 != 0) return;
                byte[] packet = [0x80, 111, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. Footage.Opus[sequence % 50]];
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence++);
                BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)sequence * 960);
                BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
                tools.All[0].Send(relay, packet);
            });
        }

        Play(0xA1, 1_000);
        relay.Run(600, recorder.Tick);
        Play(0xB2, 2_000);
        relay.Table.Modify(new(VirtualRelay.Conference, [], []), "epoch", relay.NowMs);
        recorder.Tick(relay.NowMs);
        Assert.InRange(Assert.Single(relay.Events.OfType<RecordingChanged>().Last().Files).Duration.TotalSeconds, 3.5, 3.7);
    }

    [Fact]
    public void A_directory_that_must_be_guessed_is_refused()
    {
        _relay.Fill(2);
        Assert.Equal(RelayFault.BadRequest, Assert.Throws<MediaRelayException>(() => Record(new("one", "somewhere", RecordedMedia.All, false, 1, 1))).Fault);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static bool IsPictureLoss(byte[] compound)
    {
        foreach (var packet in RtcpReader.Read(compound))
        {
            if (packet.Kind == RtcpKind.PictureLoss) return true;
        }

        return false;
    }

    private void Speak(LabPeer peer, int milliseconds)
    {
        var sender = new FootageSender(peer, _relay.NowMs);
        _relay.Run(milliseconds, now =>
        {
            sender.Tick(now);
            _recorder.Tick(now);
        });
    }

    private void Record(RecordingSpec? spec) => _relay.Table.Modify(new(VirtualRelay.Conference, [], [], Recording: spec), "epoch", _relay.NowMs);
}
