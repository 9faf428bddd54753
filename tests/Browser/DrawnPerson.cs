namespace Parley.tests.Browser;

/// <summary>Somebody to look at, in the place of Chromium's green test picture: a camera that draws a person.</summary>
internal static class DrawnPerson
{
    /// <summary>A script that replaces the camera, for the page to run before its own.</summary>
    /// <param name="hue">The colour of the wall behind, in degrees.</param>
    /// <param name="skin">The skin's lightness, in per cent.</param>
    /// <param name="hair">The hair, as CSS has colours.</param>
    public static string Script(int hue, int skin, string hair) =>
        $$"""
        {
          const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wish) => {
            const stream = await real(wish);
            if (!wish.video) return stream;
            for (const old of stream.getVideoTracks()) { old.stop(); stream.removeTrack(old); }
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [640, 360];
            const g = canvas.getContext('2d');
            const draw = () => {
              const t = performance.now() / 1000, x = 320 + 5 * Math.sin(t * 1.3), y = 165 + 2 * Math.sin(t * 2.1);
              const wall = g.createLinearGradient(0, 0, 640, 360);
              wall.addColorStop(0, 'hsl({{hue}} 28% 72%)'); wall.addColorStop(1, 'hsl({{hue}} 32% 44%)');
              g.fillStyle = wall; g.fillRect(0, 0, 640, 360);
              g.fillStyle = 'hsl({{hue}} 20% 84% / .55)'; g.fillRect(60, 40, 120, 150); g.fillRect(470, 24, 110, 90);
              const disc = (cx, cy, rx, ry, fill) => { g.fillStyle = fill; g.beginPath(); g.ellipse(cx, cy, rx, ry, 0, 0, 7); g.fill(); };
              disc(x, y - 14, 82, 92, '{{hair}}');
              disc(320, 392, 168, 120, 'hsl({{hue + 150}} 30% 34%)');
              g.fillStyle = 'hsl(24 45% {{skin - 6}}%)'; g.fillRect(x - 24, y + 60, 48, 60);
              disc(x, y, 66, 82, 'hsl(24 48% {{skin}}%)');
              disc(x, y - 66, 70, 34, '{{hair}}');
              const blink = t % 4 < .15 ? 1 : 7;
              for (const side of [-1, 1]) { disc(x + side * 25, y - 8, 7, blink, '#2a1d16'); g.fillStyle = '{{hair}}'; g.fillRect(x + side * 25 - 12, y - 27, 24, 4); }
              disc(x, y + 38, 20, 5 + 4 * Math.abs(Math.sin(t * 5)), '#7d2f2f');
            };
            draw();
            setInterval(draw, 66);
            stream.addTrack(canvas.captureStream(15).getVideoTracks()[0]);
            return stream;
          };
        }
        """;
}
