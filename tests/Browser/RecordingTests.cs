using System.Text.Json;
using Parley.tests.Media.Core.Recording;

namespace Parley.tests.Browser;

/// <summary>A call of Chromiums is recorded: files that ffmpeg plays without a word, picture and sound together, whatever ends the server.</summary>
public sealed class RecordingTests : CallTest
{
    private static readonly string[] Settings = ["--Plugins:FocusAgent:Recording:Enabled", "true", "--Plugins:FocusAgent:Recording:MixVideo", "true"];

    // Chromium's reports say when it sent a packet of sound, which is its 20 ms after the first of it was heard.
    private const double SentLate = 0.020;

    // A picture that flashes while a tone sounds, a fifth of a second in each two; the page records it itself too, and so tells how far apart both are where they are made.
    private const string FlashAndBeep = """
        {
          const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wish) => {
            const stream = await real(wish);
            const context = new AudioContext({ sampleRate: 48000 });
            const to = context.createMediaStreamDestination();
            const gain = new GainNode(context, { gain: 0 });
            gain.connect(to);
            const tone = new OscillatorNode(context, { frequency: 1000 });
            tone.connect(gain); tone.start();
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [320, 240];
            const g = canvas.getContext('2d');
            let isOn = false;
            const draw = () => {
              const now = performance.now() % 2000 < 200;
              if (now !== isOn) { isOn = now; gain.gain.setValueAtTime(isOn ? 0.5 : 0, context.currentTime); }
              g.fillStyle = isOn ? 'white' : 'black';
              g.fillRect(0, 0, 320, 240);
              g.fillStyle = '#123'; g.fillRect(performance.now() / 20 % 300, 200, 20, 20);
            };
            setInterval(draw, 16);
            const swap = (old, fresh) => { stream.removeTrack(old); old.stop(); stream.addTrack(fresh); };
            for (const old of stream.getAudioTracks()) swap(old, to.stream.getAudioTracks()[0]);
            for (const old of stream.getVideoTracks()) swap(old, canvas.captureStream(30).getVideoTracks()[0]);
            const own = new MediaRecorder(stream.clone(), { mimeType: 'video/webm;codecs=vp8,opus' });
            const parts = [];
            own.ondataavailable = e => parts.push(e.data);
            own.onstop = () => { const reader = new FileReader(); reader.onload = () => { window.ownFile = reader.result; }; reader.readAsDataURL(new Blob(parts)); };
            window.own = own;
            return stream;
          };
        }
        """;

    // Silent, and still: in the mix only the other is heard and seen to flash. Switching the browser's own tracks off does not do it, as the page switches them on, and its microphone beeps.
    private const string Still = """
        {
          const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wish) => {
            const stream = await real(wish);
            const context = new AudioContext({ sampleRate: 48000 });
            const to = context.createMediaStreamDestination();
            const tone = new OscillatorNode(context), off = new GainNode(context, { gain: 0 });
            tone.connect(off); off.connect(to); tone.start();
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [320, 240];
            const g = canvas.getContext('2d');
            setInterval(() => { g.fillStyle = '#111'; g.fillRect(0, 0, 320, 240); g.fillStyle = '#123'; g.fillRect(performance.now() / 20 % 300, 200, 20, 20); }, 66);
            const swap = (old, fresh) => { stream.removeTrack(old); old.stop(); stream.addTrack(fresh); };
            for (const old of stream.getAudioTracks()) swap(old, to.stream.getAudioTracks()[0]);
            for (const old of stream.getVideoTracks()) swap(old, canvas.captureStream(15).getVideoTracks()[0]);
            return stream;
          };
        }
        """;

    [Fact]
    public async Task A_call_is_recorded_everybody_sees_it_and_the_files_play()
    {
        var room = await StartAsync(Settings);
        var pages = await Task.WhenAll(room.JoinAsync("Ann", script: FlashAndBeep), room.JoinAsync("Bob", script: Still));
        await pages[0].SeesAsync(2, Join);
        await pages[1].ReceivesAsync(1, Join);
        await pages[0].Script.EvaluateAsync("own.start()");
        Run(room, "start");
        foreach (var page in pages) await MarkAsync(page, isThere: true);
        await Task.Delay(Watch, TestContext.Current.CancellationToken);
        Run(room, "stop");
        foreach (var page in pages) await MarkAsync(page, isThere: false);
        var own = Apart(await OwnAsync(pages[0]), "iw:ih");

        var index = await IndexAsync(room, i => i.GetProperty("endedBy").ValueKind == JsonValueKind.String);
        Assert.Equal(("stopped", "the operator"), (index.GetProperty("endedBy").GetString(), index.GetProperty("startedBy").GetString()));
        Assert.Equal(["Ann", "Bob"], index.GetProperty("participants").EnumerateArray().Select(p => p.GetProperty("name").GetString()!).Order());
        var files = index.GetProperty("files").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!);
        Assert.Equal(["001.webm", "002.webm", "mix.webm"], files.Keys.Order());
        var ann = index.GetProperty("participants").EnumerateArray().Single(p => p.GetProperty("name").GetString() == "Ann").GetProperty("id").GetString();
        var lasted = (index.GetProperty("end").GetDateTimeOffset() - index.GetProperty("start").GetDateTimeOffset()).TotalSeconds;
        foreach (var (name, file) in files)
        {
            var path = PathOf(room, name);
            Assert.Equal("", Ffmpeg.Complaints(path));
            Assert.InRange(Ffmpeg.Format(path, "duration"), Watch.TotalSeconds - 3, lasted + 1);
            if (file.GetProperty("participant").GetString() == ann) Assert.InRange(Apart(path, "iw:ih") - own - SentLate, -0.040, 0.040);
        }

        var mix = PathOf(room, "mix.webm");
        Assert.Equal(["opus", "vp8"], files["mix.webm"].GetProperty("codecs").EnumerateArray().Select(c => c.GetString()).Order());
        Assert.Empty(index.GetProperty("notRecorded").EnumerateArray());
        // Two people beside each other; who came first is left.
        string[] halves = ["iw/4:ih/4:iw/8:ih*3/8", "iw/4:ih/4:iw*5/8:ih*3/8"];
        Assert.InRange(Apart(mix, halves.MaxBy(h => Ffmpeg.Flashes(mix, h).Count)!, isMix: true) - own - SentLate, -0.040, 0.040);

        await DownloadAsync(room, index.GetProperty("id").GetString()!);
    }

    [Fact]
    public async Task A_moderator_records_the_call_by_the_page()
    {
        var room = await StartAsync(Settings[..2]);
        room.Server.AddUser("ann@localhost", "correct horse");
        var (ann, bob) = (await room.SignInAsync("Ann", "correct horse"), await room.JoinAsync("Bob"));
        await ann.SeesAsync(2, Join);
        await bob.ReceivesAsync(1, Join);
        await ann.Page.Keyboard.PressAsync("p");
        Assert.StartsWith("https://localhost:5281/recordings/", await ann.Page.Locator("#recordings-link:not([hidden])").GetAttributeAsync("href"), StringComparison.Ordinal);
        await bob.Page.Keyboard.PressAsync("p");
        Assert.False(await bob.Page.IsVisibleAsync("#record-toggle"));
        await ann.ShootAsync("record");

        await ann.Page.CheckAsync("#record-picture");
        await ann.Page.ClickAsync("#record-toggle");
        await ann.Page.ClickAsync("#confirm-yes");
        foreach (var page in new[] { ann, bob }) await MarkAsync(page, isThere: true);
        await ann.ShootAsync("recorded");
        await Task.Delay(Seconds(4), TestContext.Current.CancellationToken);
        Assert.Equal("End the recording", await ann.Page.InnerTextAsync("#record-toggle"));
        await ann.Page.ClickAsync("#record-toggle");
        foreach (var page in new[] { ann, bob }) await MarkAsync(page, isThere: false);
        Assert.Equal("Record the call", await ann.Page.InnerTextAsync("#record-toggle"));

        var index = await IndexAsync(room, i => i.GetProperty("endedBy").ValueKind == JsonValueKind.String);
        Assert.Equal("Ann", index.GetProperty("startedBy").GetString());
        var mix = index.GetProperty("files").EnumerateArray().Single(f => f.GetProperty("name").GetString() == "mix.webm");
        Assert.Equal(["opus", "vp8"], mix.GetProperty("codecs").EnumerateArray().Select(c => c.GetString()).Order());
    }

    [Fact]
    public async Task A_server_that_is_killed_loses_five_seconds_at_most_and_repairs_the_rest()
    {
        var room = await StartAsync(Settings);
        var page = await room.JoinAsync("Ann", script: FlashAndBeep);
        await page.SeesAsync(1, Join);
        Run(room, "start");
        await Task.Delay(Watch, TestContext.Current.CancellationToken);
        room.Server.Command.Process.Kill(entireProcessTree: true);
        await room.Server.Command.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        // As it was left, it plays.
        Assert.Equal("", Ffmpeg.Complaints(PathOf(room, "001.webm")));
        var killed = File.GetLastWriteTimeUtc(PathOf(room, "001.webm"));
        await room.Server.StartAgainAsync(settings: Settings);
        var index = await IndexAsync(room, i => i.GetProperty("endedBy").ValueKind == JsonValueKind.String);
        Assert.Equal("interrupted", index.GetProperty("endedBy").GetString());
        var path = PathOf(room, "001.webm");
        Assert.Equal("", Ffmpeg.Complaints(path));
        var file = index.GetProperty("files").EnumerateArray().Single(f => f.GetProperty("name").GetString() == "001.webm");
        var ends = index.GetProperty("start").GetDateTimeOffset().AddSeconds(file.GetProperty("begin").GetDouble()).AddSeconds(Ffmpeg.Format(path, "duration"));
        Assert.InRange((killed - ends.UtcDateTime).TotalSeconds, -1, 5);
        Assert.InRange(Ffmpeg.Format(path, "duration"), Watch.TotalSeconds - 5, Watch.TotalSeconds + 2);
    }

    // By how much the picture is behind the sound; of many flashes the middle one's.
    // That each is exact whatever is late is shown without a browser (RecordedConferenceTests); where a machine is busy a browser's own sound stands still at times, and a mix lacks some.
    private static double Apart(string path, string part, bool isMix = false)
    {
        var (flashes, beeps) = (Ffmpeg.Flashes(path, part), Ffmpeg.Beeps(path));
        Assert.InRange(flashes.Count, isMix ? 1 : 2, 100);
        // What begins or ends within a flash has no partner.
        var pairs = flashes.Select(f => (Flash: f, Beep: beeps.MinBy(b => Math.Abs(b - f)))).Where(p => Math.Abs(p.Flash - p.Beep) < 0.5).ToList();
        Assert.True(pairs.Count >= (isMix ? 1 : flashes.Count - 1), $"flashes {string.Join(' ', flashes)}, beeps {string.Join(' ', beeps)}");
        var apart = pairs.Select(p => p.Flash - p.Beep).Order().ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"{Path.GetFileName(path)}: picture behind sound: {string.Join(' ', pairs.Select(p => $"{(p.Flash - p.Beep) * 1000:0} at {p.Flash:0.0}"))} ms");
        return apart[apart.Count / 2];
    }

    // What the page recorded of its own stream, without any network.
    private static async Task<string> OwnAsync(Caller caller)
    {
        await caller.Script.EvaluateAsync("own.stop()");
        for (var tries = 0; ; tries++)
        {
            var url = (await caller.Script.EvaluateAsync("window.ownFile || ''")).GetString()!;
            if (url.Length > 0)
            {
                var path = Path.Combine(Directory.CreateTempSubdirectory("parley-own-").FullName, "own.webm");
                await File.WriteAllBytesAsync(path, Convert.FromBase64String(url[(url.IndexOf(',', StringComparison.Ordinal) + 1)..]));
                return path;
            }

            Assert.True(tries < 200, "the page's own recording does not end");
            await Task.Delay(100);
        }
    }

    // By the link that the operator gets, in part; and not without it.
    private static async Task DownloadAsync(CallRoom room, string id)
    {
        var link = room.Server.Cli("room", "record", "list", "room").All.Split('\n').Single(l => l.StartsWith("https://localhost:5281/recordings/", StringComparison.Ordinal)).Trim();
        using var http = room.Namespace.Http();
        Assert.Contains("the operator", await http.GetStringAsync(new Uri(link), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{link}{id}/mix.webm")) { Headers = { Range = new(0, 3) } };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((206, "video/webm"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal([0x1A, 0x45, 0xDF, 0xA3], await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        using var bare = await http.GetAsync(new Uri($"https://localhost:5281/recordings/{id}/mix.webm"), TestContext.Current.CancellationToken);
        Assert.Equal(403, (int)bare.StatusCode);
    }

    private static async Task MarkAsync(Caller caller, bool isThere)
    {
        for (var tries = 0; (await caller.Script.EvaluateAsync("!document.getElementById('recorded').hidden")).GetBoolean() != isThere; tries++)
        {
            Assert.True(tries < 200, $"{caller.Name}'s mark is {(isThere ? "not there" : "still there")}");
            await Task.Delay(100);
        }
    }

    private static void Run(CallRoom room, string verb)
    {
        var result = room.Server.Cli("room", "record", verb, "room");
        Assert.True(result.ExitCode == 0, result.All);
    }

    private static string PathOf(CallRoom room, string file) => Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(room.Server.DataDirectory, "recordings"))), file);

    private static async Task<JsonElement> IndexAsync(CallRoom room, Func<JsonElement, bool> isThere)
    {
        for (var tries = 0; ; tries++)
        {
            var index = JsonDocument.Parse(await File.ReadAllTextAsync(PathOf(room, "index.json"))).RootElement;
            if (isThere(index) && index.GetProperty("files").GetArrayLength() > 0) return index;
            Assert.True(tries < 200, $"the index stays {index}");
            await Task.Delay(100);
        }
    }
}
