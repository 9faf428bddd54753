using Parley.Media.Control;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Audio.Prompts;
using Parley.Media.Relay.Mixing;
using Parley.tests.Media.Core.Audio;
using Parley.tests.Media.Core.Forwarding;
using Parley.tests.Media.Core.Recording;
using Parley.tests.Media.Relay.Lab;
using Parley.tests.Media.Relay.Pictures;

namespace Parley.tests.Media.Relay.Recording;

/// <summary>The recorded mix of a conference, in virtual time: what everybody says, those who only listen told so in words, and everybody in one picture.</summary>
public sealed class RecordedMixTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-recording-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_everybody_says_is_a_file_too_and_whoever_hears_the_mix_is_told_by_words()
    {
        var mixer = new HandMixer();
        var recorder = new HandRecorder();
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
    public void Everybody_is_in_one_picture_with_what_they_say_though_nobody_else_receives_it()
    {
        var (mixer, pictures, recorder) = (new HandMixer(), new VirtualPictures(), new HandRecorder());
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
        var (mixer, pictures, recorder) = (new HandMixer(), new VirtualPictures(), new HandRecorder());
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
}
