using System.Diagnostics;
using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>Dan, who has Debian's Dino and a call room among his contacts.</summary>
internal static class DinoCaller
{
    /// <summary>His address, his password, and the room's.</summary>
    public const string Dan = "dan@localhost", Password = "correct horse", Room = "room@calls.localhost";

    /// <summary>Makes his account and starts his Dino.</summary>
    /// <param name="room">Where.</param>
    /// <param name="variables">More of its environment: its sound, its camera.</param>
    public static async Task<DinoClient> StartAsync(CallRoom room, params string[] variables)
    {
        room.Namespace.Trust(room.Server.Certificate);
        room.Server.AddUser(Dan, Password);
        await AddContactAsync(room.Namespace);
        return await DinoClient.StartAsync(room.Namespace, Dan, Password, variables);
    }

    /// <summary>Makes the room a contact of somebody, from another device: whoever has been using an account for longer has its contacts already.</summary>
    public static async Task AddContactAsync(NetworkNamespace ns, string name = "dan")
    {
        await using var tablet = await XmppTestClient.ConnectAsync(ns, isDirectTls: true);
        await tablet.OpenAsync();
        await tablet.LoginWithPasswordAsync(name, Password);
        await tablet.SendAsync($"<presence/><presence to='{Room}' type='subscribe'/>");
        await tablet.HearAsync($"<presence [^>]*from='{Room}'[^>]*type='subscribed'|<presence [^>]*type='subscribed'[^>]*from='{Room}'");
    }

    /// <summary>Waits until the picture in a Dino's call window has a colour: <c>red</c>, <c>green</c> or <c>blue</c>.</summary>
    public static Task SeesAsync(DinoClient dino, string colour, TimeSpan within) => SeesAsync(dino, [colour], within);

    /// <summary>Waits until it has one of several.</summary>
    public static async Task SeesAsync(DinoClient dino, string[] colours, TimeSpan within)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(200))
        {
            // In its upper half: the buttons are below.
            var (red, green, blue) = dino.Screen.Pixel(421, 120);
            var seen = ColouredCamera.Name(red, green, blue);
            if (colours.Contains(seen))
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"Dino shows {seen} after {clock.Elapsed.TotalSeconds:0.0} s");
                return;
            }

            if (clock.Elapsed > within) Assert.Fail($"Dino shows {seen} instead of {string.Join(" or ", colours)}");
        }
    }
}
