using System.Globalization;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>
/// Clients that know calls between two people alone call a room: slixmpp with aiortc, whose ICE, DTLS and codecs are nobody else's of those who call here (browsers, Dino). With and without a bundle, by a
/// session at once and by message first (XEP-0353).
/// </summary>
public sealed class CallerTests : WireTest
{
    private const int Ann = 440, Bob = 700, Cem = 1000;

    [Fact]
    public async Task Three_hear_each_other_and_not_themselves_and_see_who_is_there()
    {
        await StartAsync();
        var ann = Call("ann", Ann, 60, "video");
        await ann.WaitForAsync("\"state\": \"connected\"", TimeSpan.FromSeconds(20));
        var bob = Call("bob", Bob, 120, "video", "message", "bundle");
        var cem = Call("cem", Cem, 200, "message");
        await bob.WaitForAsync("\"event\": \"accepted\", \"media\": \\[\"audio\", \"video\"\\], \"bundled\": true", TimeSpan.FromSeconds(20));
        await cem.WaitForAsync("\"event\": \"accepted\", \"media\": \\[\"audio\"\\], \"bundled\": false", TimeSpan.FromSeconds(20));
        Assert.Contains("\"by\": \"room@calls.localhost/focus\"", bob.Text, StringComparison.Ordinal);

        await HearsAsync(ann, [Bob, Cem], [Ann]);
        await HearsAsync(bob, [Ann, Cem], [Bob]);
        await HearsAsync(cem, [Ann, Bob], [Cem]);
        // Of the two with cameras each sees the other; what the encoder makes of a shade is near it.
        await SeesAsync(ann, 120);
        await SeesAsync(bob, 60);

        cem.Say("camera");
        await cem.WaitForAsync("\"event\": \"added\"", TimeSpan.FromSeconds(10));
        await SeesAsync(cem, 60, 120);

        bob.Say("leave");
        await bob.WaitForAsync("\"event\": \"left\"", TimeSpan.FromSeconds(10));
        await HearsAsync(cem, [Ann], [Bob, Cem]);
        // Nobody else has a camera now.
        await SeesAsync(ann, 200);
        await SeesAsync(cem, 60);
        foreach (var caller in new[] { ann, bob, cem }) Assert.DoesNotMatch("\"event\": \"(failed|terminated)\"", caller.Text);
    }

    private RunningCommand Call(string user, int hertz, int shade, params string[] flags)
    {
        Server.AddUser($"{user}@localhost", "pw");
        return PythonClient.Start(Namespace, "caller", [Server.Certificate, $"{user}@localhost", "pw", "room@calls.localhost", Text(hertz), Text(shade), $"listen={Ann},{Bob},{Cem}", .. flags]);
    }

    // As its latest second has it.
    private static Task HearsAsync(RunningCommand caller, int[] heard, int[] unheard) => UntilAsync(caller, $"{string.Join(" and ", heard)} Hz",
        line => heard.All(h => Value(line, $"hears{h}") > -45) && unheard.All(h => Value(line, $"hears{h}") < -62));

    private static Task SeesAsync(RunningCommand caller, params int[] shades) => UntilAsync(caller, $"a picture of {string.Join(" or ", shades)}",
        line => Value(line, "sees") is { } seen && shades.Any(s => Math.Abs(seen - s) <= 10));

    private static async Task UntilAsync(RunningCommand caller, string what, Func<string, bool> isThere)
    {
        for (var tries = 0; ; tries++)
        {
            var line = caller.Text.Split('\n').LastOrDefault(l => l.Contains("\"receives\"", StringComparison.Ordinal) && l.EndsWith('}')) ?? "";
            if (isThere(line)) return;
            Assert.True(tries < 150, $"not {what}: {line}\n{caller.Text}");
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    private static int? Value(string line, string name) => Regex.Match(line, $"\"{name}\": (-?\\d+)") is { Success: true } m ? int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
