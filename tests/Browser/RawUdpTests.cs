using System.Text.Json;

namespace Parley.tests.Browser;

/// <summary>A program without XMPP, ICE and encryption in a room with a call page (docs/legs/raw-udp.md).</summary>
public sealed class RawUdpTests : CallTest
{
    private static readonly string[] On =
    [
        "--Plugins:FocusAgent:RawUdp:Enabled", "true", "--Plugins:FocusAgent:RawUdp:AllowedNetworks:0", "127.0.0.0/8",
        "--Plugins:FocusAgent:RawUdp:TrustedNetworks:0", "127.0.0.0/8", "--Plugins:FocusAgent:RawUdp:SilenceTimeout", "00:00:05",
    ];

    // The middle of a participant's picture as the page shows it.
    private const string Colour = """
        (() => {
          const video = document.querySelector('[data-participant="ID"] video');
          if (!video || video.videoWidth === 0) return [0, 0, 0];
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [1, 1];
          const g = canvas.getContext('2d');
          g.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 2, 2, 0, 0, 1, 1);
          return [...g.getImageData(0, 0, 1, 1).data.slice(0, 3)];
        })()
        """;

    [Theory]
    [InlineData("PCMU", "VP8", "-ar", "8000", "-ac", "1", "-c:a", "pcm_mulaw")]
    [InlineData("PCMU", "H264", "-ar", "8000", "-ac", "1", "-c:a", "pcm_mulaw")] // which the page is sent as VP8, and whose VP8 is sent as H.264
    public async Task Ffmpeg_is_heard_and_seen_and_hears_and_sees(string codec, string video, params string[] encoder)
    {
        var room = await StartAsync(On);
        var ann = await room.JoinAsync("Ann", script: Sound.Tone(400));
        await ann.SeesAsync(1, Join);
        using var tool = MediaTool.Connect(room, "--name", "Studio", "--audio-port", "5004", "--audio", codec, "--video-port", "5006", "--video", video);

        var sender = tool.Send(1000, "red", encoder);
        await ann.ReceivesAsync(1, Join);
        var studio = (await ann.ViewAsync()).Others.Single();
        Assert.Equal("Studio", studio.Name);
        await Sound.HearsAsync(ann.Script, "Ann", [1000], [400]);
        var colour = (await ann.Script.EvaluateAsync(Colour.Replace("ID", studio.Id, StringComparison.Ordinal))).Deserialize<int[]>()!;
        Assert.True(colour[0] > 150 && colour[1] < 80 && colour[2] < 80, $"Ann sees {string.Join(", ", colour)} where red is sent; {sender.Text}");

        var (sound, pictures, said) = await tool.ReceiveAsync(5);
        var levels = MediaTool.Levels(sound, 400, 1000);
        Assert.True(levels[0] > -45 && levels[1] < -62, $"the tool hears 400 Hz at {levels[0]:0} dB and 1000 Hz, its own, at {levels[1]:0} dB");
        Assert.True(pictures > 3, $"the tool saw {pictures} pictures in 5 s");
        // It comes in between two keyframes; from the first on everything can be decoded.
        Assert.DoesNotMatch("(?i)concealing|corrupt|error while decoding", said);

        // Who sends no more has left.
        sender.Process.Kill(entireProcessTree: true);
        await ann.SeesAsync(1, Join);
        Assert.Equal("", room.Server.Cli("tool", "list").Output.Trim());
    }
}
