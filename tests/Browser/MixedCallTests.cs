namespace Parley.tests.Browser;

/// <summary>Somebody with an ordinary one-to-one client (npm's stanza, plain Jingle) in a room with call pages.</summary>
public sealed class MixedCallTests : CallTest
{
    [Fact]
    public async Task A_one_to_one_client_calls_the_room_hears_the_others_mixed_and_sees_who_speaks()
    {
        var room = await StartAsync();
        room.Server.AddUser("bob@localhost", "correct horse");
        await using var bob = await JinglePerson.OpenAsync(room.Namespace, "bob", Sound.Tone(1700));
        await bob.LogInAsync("correct horse", "wss://localhost:5281/xmpp-websocket", "localhost");
        var pages = await Task.WhenAll(room.JoinAsync("Ann", script: Sound.Tone(400)), room.JoinAsync("Cem", script: Sound.Tone(900)));

        await bob.CallAsync("room@calls.localhost");

        await bob.ReceivesAsync(Join);
        foreach (var page in pages)
        {
            await page.SeesAsync(3, Join);
            await page.ReceivesAsync(2, Join);
        }

        await Sound.HearsAsync(bob.Script, "Bob", [400, 900], [1700]);
        await Sound.HearsAsync(pages[0].Script, "Ann", [900, 1700], [400]);
        await Sound.HearsAsync(pages[1].Script, "Cem", [400, 1700], [900]);
        await Task.WhenAll(bob.KeepsReceivingAsync(Watch), pages[0].KeepsReceivingAsync(2, Watch));

        await bob.EndAsync();
        await pages[0].SeesAsync(2, Seconds(5));
    }

    [Fact]
    public async Task Clients_without_Opus_hear_everybody_and_call_pages_hear_them()
    {
        var room = await StartAsync();
        var page = await room.JoinAsync("Ann", script: Sound.Tone(400));
        await using var bob = await CallWithAsync(room, "bob", 900, "audio/PCMU");
        await using var cem = await CallWithAsync(room, "cem", 1700, "audio/G722");

        await page.SeesAsync(3, Join);
        await Sound.HearsAsync(bob.Script, "Bob", [400, 1700], [900]);
        await Sound.HearsAsync(cem.Script, "Cem", [400, 900], [1700]);
        await Sound.HearsAsync(page.Script, "Ann", [900, 1700], [400]);
        await TalksAsync(bob.Script, "audio/PCMU");
        await TalksAsync(cem.Script, "audio/G722");
        await TalksAsync(page.Script, "audio/opus");

        await Sound.PressAsync(bob.Script, "*6");
        await Sound.HearsAsync(page.Script, "Ann", [1700], [400, 900, .. Keys]);
        await Sound.HearsAsync(cem.Script, "Cem", [400], [900, 1700]);
        await Sound.PressAsync(bob.Script, "*6");
        await Sound.HearsAsync(page.Script, "Ann", [900, 1700], [400]);
    }

    [Fact]
    public async Task Everybody_is_seen_in_one_picture_with_their_names()
    {
        var room = await StartAsync("--Plugins:FocusAgent:MixedVideo", "Composed");
        room.Server.AddUser("bob@localhost", "correct horse");
        // One after the other, as that is the order of the tiles.
        var ann = await room.JoinAsync("Ann", script: Sound.Tone(0) + ColouredCamera.Script("#d01010"));
        var cem = await room.JoinAsync("Cem", script: Sound.Tone(900) + ColouredCamera.Script("#10c010"));
        await using var bob = await JinglePerson.OpenAsync(room.Namespace, "bob", Sound.Tone(0) + ColouredCamera.Script("#1010d0"));
        await bob.LogInAsync("correct horse", "wss://localhost:5281/xmpp-websocket", "localhost");

        await bob.CallAsync("room@calls.localhost");

        await bob.ReceivesAsync(Join);
        // Two above, the third in the middle below; the names are at their lower left.
        (double, double)[] places = [(0.3, 0.15), (0.7, 0.15), (0.5, 0.65)];
        var picture = await ColouredCamera.SeesAsync(bob, places, ["red", "green", "blue"], Join);
        if (Environment.GetEnvironmentVariable("PARLEY_PICTURES") is { } folder) File.WriteAllBytes(Path.Combine(folder, "composed.png"), picture);
        await bob.KeepsReceivingAsync(Watch);

        // By keys he sees the one who speaks alone, and everybody again.
        await Sound.PressAsync(bob.Script, "*1");
        await ColouredCamera.SeesAsync(bob, [(0.3, 0.15), (0.7, 0.15), (0.5, 0.65)], ["green", "green", "green"], Join);
        await Sound.PressAsync(bob.Script, "*2");
        await ColouredCamera.SeesAsync(bob, places, ["red", "green", "blue"], Join);

        // Who goes makes room.
        await cem.HangUpAsync();
        await ColouredCamera.SeesAsync(bob, [(0.25, 0.4), (0.75, 0.4)], ["red", "blue"], Join);
        await ann.SeesAsync(2, Join);
    }

    // Of what a telephone itself would sound: star and six.
    private static int[] Keys => [770, 941, 1209, 1477];

    private static async Task TalksAsync(IPageScript page, string codec)
    {
        var (received, sent) = await Offers.CodecsAsync(page, "audio");
        Assert.Equal([codec], received);
        Assert.Equal([codec], sent);
    }

    private static async Task<JinglePerson> CallWithAsync(CallRoom room, string name, int hertz, string codec)
    {
        room.Server.AddUser($"{name}@localhost", "correct horse");
        var person = await JinglePerson.OpenAsync(room.Namespace, name, Sound.Tone(hertz) + Offers.Only(codec));
        await person.LogInAsync("correct horse", "wss://localhost:5281/xmpp-websocket", "localhost");
        await person.CallAsync("room@calls.localhost");
        await person.ReceivesAsync(Join);
        return person;
    }
}
