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
        Assert.Equal(["audio/PCMU"], await Sound.CodecsAsync(bob.Script));
        Assert.Equal(["audio/G722"], await Sound.CodecsAsync(cem.Script));
        Assert.Equal(["audio/opus"], await Sound.CodecsAsync(page.Script));

        await Sound.PressAsync(bob.Script, "*6");
        await Sound.HearsAsync(page.Script, "Ann", [1700], [400, 900, .. Keys]);
        await Sound.HearsAsync(cem.Script, "Cem", [400], [900, 1700]);
        await Sound.PressAsync(bob.Script, "*6");
        await Sound.HearsAsync(page.Script, "Ann", [900, 1700], [400]);
    }

    // Of what a telephone itself would sound: star and six.
    private static int[] Keys => [770, 941, 1209, 1477];

    private static async Task<JinglePerson> CallWithAsync(CallRoom room, string name, int hertz, string codec)
    {
        room.Server.AddUser($"{name}@localhost", "correct horse");
        var person = await JinglePerson.OpenAsync(room.Namespace, name, Sound.Tone(hertz) + Sound.Only(codec));
        await person.LogInAsync("correct horse", "wss://localhost:5281/xmpp-websocket", "localhost");
        await person.CallAsync("room@calls.localhost");
        await person.ReceivesAsync(Join);
        return person;
    }
}
