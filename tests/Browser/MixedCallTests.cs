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
}
