using System.Diagnostics;
using System.Text.Json;

namespace Parley.tests.Browser;

/// <summary>Cameras of one colour, and what a one-to-one client sees of them.</summary>
internal static class ColouredCamera
{
    /// <summary>A script that replaces the camera, for the page to run before its own.</summary>
    /// <param name="colour">The colour, as CSS has it.</param>
    public static string Script(string colour) =>
        $$"""
        {
          const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wish) => {
            const stream = await real(wish);
            if (!wish.video) return stream;
            for (const old of stream.getVideoTracks()) { old.stop(); stream.removeTrack(old); }
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [320, 180];
            const g = canvas.getContext('2d');
            let n = 0;
            const draw = () => { g.fillStyle = '{{colour}}'; g.fillRect(0, 0, 320, 180); g.fillStyle = '#fff'; g.fillRect(n++ * 8 % 320, 84, 8, 12); };
            draw();
            setInterval(draw, 100);
            stream.addTrack(canvas.captureStream(10).getVideoTracks()[0]);
            return stream;
          };
        }
        """;

    /// <summary>Waits until a person's received picture has these colours, as <c>red</c>, <c>green</c> or <c>blue</c>, at these places.</summary>
    /// <param name="person">Who looks.</param>
    /// <param name="places">Left and top of each, as parts of the width and height.</param>
    /// <param name="colours">What is to be seen there.</param>
    /// <param name="within">How long that may take.</param>
    /// <returns>The picture, as PNG.</returns>
    public static async Task<byte[]> SeesAsync(JinglePerson person, (double X, double Y)[] places, string[] colours, TimeSpan within)
    {
        var points = JsonSerializer.Serialize(places.Select(p => new[] { p.X, p.Y }));
        string[] seen = [];
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(TimeSpan.FromMilliseconds(300)))
        {
            var look = await person.Script.EvaluateAsync($"jingle.look({points})");
            seen = [.. look.GetProperty("pixels").EnumerateArray().Select(p => Name(p[0].GetInt32(), p[1].GetInt32(), p[2].GetInt32()))];
            var picture = look.GetProperty("png").GetString()!;
            if (seen.SequenceEqual(colours)) return Convert.FromBase64String(picture[(picture.IndexOf(',', StringComparison.Ordinal) + 1)..]);
            if (clock.Elapsed > within) Assert.Fail($"seen were {string.Join(", ", seen)} instead of {string.Join(", ", colours)}\n{await person.AccountAsync()}");
        }
    }

    /// <summary>Waits until a call page shows somebody else's picture in a colour.</summary>
    /// <param name="caller">Whose page.</param>
    /// <param name="colour">What is to be seen.</param>
    /// <param name="within">How long that may take.</param>
    public static async Task SeesAsync(Caller caller, string colour, TimeSpan within)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(TimeSpan.FromMilliseconds(300)))
        {
            var seen = (await caller.Script.EvaluateAsync("""
                [...document.querySelectorAll('[data-participant]:not(.is-self) video')].filter((v) => v.videoWidth).map((v) => {
                  const canvas = document.createElement('canvas');
                  [canvas.width, canvas.height] = [v.videoWidth, v.videoHeight];
                  const g = canvas.getContext('2d');
                  g.drawImage(v, 0, 0);
                  return [...g.getImageData(v.videoWidth / 2, v.videoHeight / 4, 1, 1).data];
                })
                """)).EnumerateArray().Select(p => Name(p[0].GetInt32(), p[1].GetInt32(), p[2].GetInt32())).ToList();
            if (seen.Contains(colour))
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{caller.Name} sees {colour} after {clock.Elapsed.TotalSeconds:0.0} s");
                return;
            }

            if (clock.Elapsed > within) Assert.Fail($"{caller.Name} sees {string.Join(", ", seen)} and not {colour}");
        }
    }

    /// <summary>What a colour is called.</summary>
    public static string Name(int red, int green, int blue) => (red > 130, green > 130, blue > 130) switch
    {
        (true, false, false) => "red",
        (false, true, false) => "green",
        (false, false, true) => "blue",
        _ => $"({red} {green} {blue})",
    };
}
