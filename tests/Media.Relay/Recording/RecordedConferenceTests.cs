using System.Buffers.Binary;
using Parley.Media.Control;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Audio.Prompts;
using Parley.Media.Core.Rtcp;
using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Recording;
using Parley.Media.Relay.Transports;
using Parley.tests.Media.Core.Audio;
using Parley.tests.Media.Core.Forwarding;
using Parley.tests.Media.Core.Recording;
using Parley.tests.Media.Relay.Lab;
using Parley.tests.Media.Relay.Pictures;

namespace Parley.tests.Media.Relay.Recording;

/// <summary>Conferences that are recorded, in virtual time: from SRTP to files that ffmpeg plays.</summary>
public sealed class RecordedConferenceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-recording-").FullName;
    private readonly Machine _recorder = new();
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
    public void What_everybody_says_is_a_file_too_and_whoever_hears_the_mix_is_told_by_words()
    {
        var mixer = new HandMixer();
        var recorder = new Machine();
        var relay = new VirtualRelay(mixer: mixer, recorder: r =>
        {
            recorder.Relay = r;
            return recorder;
        });
        var peers = new[] { relay.AddPeer("p1", 1), relay.AddPeer("p2", 2) };
        const uint Mix = 77_000_000;
        var state = relay.Modify([.. peers.Select(p => new EndpointSpec(p.Id, [Specs.Transport(p)], [Specs.AudioTrack(p)], p.Id == "p1" ? [Specs.AudioSlot("m", Mix, null) with { Feed = ForwarderFeed.Mix }] : []))]);
        foreach (var peer in peers) peer.Connect(Rooms.StateOf(state, peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(300);
        relay.Table.Modify(new(VirtualRelay.Conference, [], [], Recording: new("one", _directory, RecordedMedia.None, Mix: true, long.MaxValue, 0)), "epoch", relay.NowMs);
        var sender = new FootageSender(peers[1], relay.NowMs);
        relay.Run(6_000, now =>
        {
            sender.Tick(now);
            if (now % 20 == 0) mixer.Tick(now);
            recorder.Tick(now);
        });
        relay.Table.Modify(new(VirtualRelay.Conference, [], []), "epoch", relay.NowMs);
        recorder.Tick(relay.NowMs);

        var file = Assert.Single(relay.Events.OfType<RecordingChanged>().Last().Files);
        Assert.Equal(("mix.webm", null), (file.Name, file.EndpointId));
        var path = Path.Combine(_directory, "mix.webm");
        Assert.Equal("", Ffmpeg.Complaints(path));
        Assert.InRange(Ffmpeg.Format(path, "duration"), 5.8, 6.1);
        Assert.Equal(3, Ffmpeg.Beeps(path).Count); // and no tone of ours
        // Two notes, then words, as they are but for the codec; then no more.
        var heard = Decode(peers[0].On(Mix));
        Assert.InRange(Tones.Find(heard.AsSpan(0, 24_000), 784), 0.01, 0.2);
        var words = RecordedPrompt.DefaultWords.Span;
        Assert.InRange(Likeness(heard.AsSpan(0, words.Length + 48_000), words), 0.6, 1); // a beep of the sender falls into them
        Assert.InRange(Likeness(heard.AsSpan(144_000), words), 0, 0.3);
    }

    [Fact]
    public void A_telephone_is_recorded_as_Opus_with_its_picture_and_what_cannot_be_is_told()
    {
        var (mixer, recorder) = (new HandMixer(), new Machine());
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
    public void Everybody_is_in_one_picture_with_what_they_say_though_nobody_else_receives_it()
    {
        var (mixer, pictures, recorder) = (new HandMixer(), new VirtualPictures(), new Machine());
        var relay = new VirtualRelay(mixer: mixer, pictures: pictures, recorder: r =>
        {
            recorder.Relay = r;
            return recorder;
        });
        var peers = relay.Fill(3, naming: i => new[] { "Ann", "Bülent", "Cem" }[i]);
        using var camera = new Camera(peers[1], 1);
        relay.Run(1_000, now => Live(now, null));
        relay.Table.Modify(new(VirtualRelay.Conference, [], [], Recording: new("one", _directory, RecordedMedia.None, Mix: true, long.MaxValue, 0, Composed: true)), "epoch", relay.NowMs);
        var sender = new FootageSender(peers[0], relay.NowMs + 13);
        relay.Run(9_500, now => Live(now, sender));
        relay.Table.Modify(new(VirtualRelay.Conference, [], []), "epoch", relay.NowMs);
        // The last second is made when all of it has come.
        relay.Run(100, now => Live(now, null));

        var ended = relay.Events.OfType<RecordingChanged>().Last();
        Assert.Equal(RecordingEnd.Stopped, ended.EndedBy);
        var file = Assert.Single(ended.Files);
        Assert.Equal(("mix.webm", null), (file.Name, file.EndpointId));
        Assert.Equal(["opus", "vp8"], file.Codecs.Order());
        var path = Path.Combine(_directory, "mix.webm");
        Assert.Equal("", Ffmpeg.Complaints(path));
        Assert.InRange(Ffmpeg.Packets(path, "v:0")[0].Time, 0, 1.5);
        // Whoever plays it while it is fetched need not read ahead for a picture.
        var inFile = Ffmpeg.Packets(path, null).Select(p => p.Time).ToList();
        Assert.All(inFile.Zip(inFile.Skip(1)), p => Assert.InRange(p.Second - p.First, -0.020, 0.5));
        Assert.InRange(Ffmpeg.Format(path, "duration"), 9, 10);
        // Ann's is the first of the tiles.
        var (flashes, beeps) = (Ffmpeg.Flashes(path, "iw/4:ih/4:iw/8:ih/8"), Ffmpeg.Beeps(path));
        Assert.Equal((5, 5), (flashes.Count, beeps.Count));
        var apart = flashes.Zip(beeps).Select(p => p.First - p.Second).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"picture behind sound: {string.Join(' ', apart.Select(a => $"{a * 1000:0}"))} ms");
        Assert.All(apart.Skip(1), a => Assert.InRange(a, -0.040, 0.040));

        void Live(long now, FootageSender? footage)
        {
            camera.Tick(now);
            footage?.Tick(now);
            if (now % 20 == 0) mixer.Tick(now);
            pictures.Work(now);
            recorder.Tick(now);
        }
    }

    // Two come by different networks, one of which begins to be late in the middle, and the machine itself stands still for a while: each picture is together with its own sound none the less.
    [Fact]
    public void Everybody_is_together_with_their_own_sound_whatever_is_late()
    {
        var (mixer, pictures, recorder) = (new HandMixer(), new VirtualPictures(), new Machine());
        var relay = new VirtualRelay(mixer: mixer, pictures: pictures, recorder: r =>
        {
            recorder.Relay = r;
            return recorder;
        });
        var peers = relay.Fill(2);
        relay.Run(100);
        relay.Table.Modify(new(VirtualRelay.Conference, [], [], Recording: new("one", _directory, RecordedMedia.None, Mix: true, long.MaxValue, 0, Composed: true)), "epoch", relay.NowMs);
        var begun = relay.NowMs;
        FootageSender[] senders =
        [
            new(peers[0], begun + 13) { SoundDelay = ms => ms < 4_500 ? 0 : 250 },
            new(peers[1], begun + 1_040) { PictureDelay = 400, ReportDelay = 120 },
        ];
        relay.Run(9_800, now =>
        {
            foreach (var sender in senders) sender.Tick(now);
            if (now % 20 == 0 && now - begun is < 7_200 or > 7_450) mixer.Tick(now);
            if (now - begun is < 5_500 or > 6_200) pictures.Work(now);
            recorder.Tick(now);
        });
        relay.Table.Modify(new(VirtualRelay.Conference, [], []), "epoch", relay.NowMs);
        for (var tries = 0; tries < 100; tries++)
        {
            pictures.Work(relay.NowMs);
            recorder.Tick(relay.NowMs);
        }

        Assert.Equal(RecordingEnd.Stopped, relay.Events.OfType<RecordingChanged>().Last().EndedBy);
        var path = Path.Combine(_directory, "mix.webm");
        Assert.Equal("", Ffmpeg.Complaints(path));
        var beeps = Ffmpeg.Beeps(path);
        TestContext.Current.TestOutputHelper?.WriteLine($"beeps {string.Join(' ', beeps)}");
        foreach (var tile in new[] { "iw/4:ih/4:iw/8:ih*3/8", "iw/4:ih/4:iw*5/8:ih*3/8" })
        {
            var apart = Ffmpeg.Flashes(path, tile).Select(f => f - beeps.MinBy(b => Math.Abs(b - f))).ToList();
            TestContext.Current.TestOutputHelper?.WriteLine($"picture behind sound: {string.Join(' ', apart.Select(a => $"{a * 1000:0}"))} ms");
            Assert.InRange(apart.Count, 4, 5);
            Assert.All(apart.Skip(1), a => Assert.InRange(a, -0.040, 0.040));
        }
    }

    // The greatest correlation of words with some part of what is heard, up to 6 kHz: 1 where they are the same.
    private static double Likeness(ReadOnlySpan<float> heard, ReadOnlySpan<float> words)
    {
        var (all, sought) = (Thin(heard), Thin(words));
        var (best, strength) = (0.0, sought.Sum(s => s * s));
        for (var at = 0; at + sought.Length <= all.Length; at++)
        {
            var (product, power) = (0.0, 1e-9);
            for (var i = 0; i < sought.Length; i++)
            {
                product += all[at + i] * sought[i];
                power += all[at + i] * all[at + i];
            }

            best = Math.Max(best, product / Math.Sqrt(power * strength));
        }

        return best;

        static double[] Thin(ReadOnlySpan<float> samples)
        {
            var thin = new double[samples.Length / 4];
            for (var i = 0; i < thin.Length; i++) thin[i] = samples[4 * i] + samples[4 * i + 1] + samples[4 * i + 2] + samples[4 * i + 3];
            return thin;
        }
    }

    private static float[] Decode(IEnumerable<Outgoing> packets)
    {
        using var decoder = new OpusAudioDecoder();
        var (frame, heard) = (new float[AudioFormat.MaxPacketSamples], new List<float>());
        foreach (var packet in packets) heard.AddRange(frame.AsSpan(0, decoder.Decode(packet.Payload, frame)));
        return [.. heard];
    }

    [Fact]
    public void A_tool_that_starts_anew_with_other_numbers_is_recorded_on()
    {
        var (tools, recorder) = (new RawTools(), new Machine());
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

    /// <summary>A recorder that runs when it is told to.</summary>
    private sealed class Machine : IRecorder
    {
        private readonly List<ConferenceRecording> _running = [];

        public VirtualRelay? Relay { get; set; }

        public ConferenceRecording? Last { get; private set; }

        public ConferenceRecording Open(RecordingSpec spec, string conference)
        {
            _running.Add(Last = new(spec, conference, NtpClock.Of(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), 1_000_000), Post, Relay!));
            return Last;
        }

        public void Tick(long nowMs) => _running.RemoveAll(r => !r.Tick(nowMs));

        private static bool Post(Action work)
        {
            work();
            return true;
        }
    }
}
