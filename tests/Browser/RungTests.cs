using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>A call page has the room call people with one-to-one clients; whoever answers is in the call.</summary>
public sealed class RungTests : CallTest
{
    // As the Conversations family: WebRTC's library bundles what is offered so, and the client lists neither RFC 5888 nor 5576.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Somebody_with_stanza_is_called_by_video_answers_and_hears_and_sees(bool listsGroups)
    {
        var room = await StartAsync();
        room.Server.AddUser("bob@localhost", "correct horse");
        await using var bob = await JinglePerson.OpenAsync(room.Namespace, "bob", Sound.Tone(1700));
        await bob.LogInAsync("correct horse", "wss://localhost:5281/xmpp-websocket", "localhost", listsGroups ? [] : ["urn:ietf:rfc:5888", "urn:ietf:rfc:5576"]);
        var ann = await room.JoinAsync("Ann", script: Sound.Tone(400));
        await ann.SeesAsync(1, Join);

        await ann.CallOutAsync("bob@localhost", withVideo: true);

        await bob.ReceivesAsync(Join);
        await ann.SeesAsync(2, Join);
        await ann.ReceivesAsync(1, Join);
        await Sound.HearsAsync(bob.Script, "Bob", [400], [1700]);
        await Sound.HearsAsync(ann.Script, "Ann", [1700], [400]);
        await Task.WhenAll(bob.KeepsReceivingAsync(Seconds(4)), ann.KeepsReceivingAsync(1, Seconds(4)));

        // His telephone's keys are taken, though it was the room that offered them.
        await Sound.PressAsync(bob.Script, "*9");
        await ann.UntilAsync("Bob's hand", v => v.Others.Single().Hand == 1, Seconds(10));

        await bob.EndAsync();
        await ann.SeesAsync(1, Seconds(10));

        // Somebody who is not there is called all the same: a telephone may come to life.
        room.Server.AddUser("cem@localhost", "correct horse");
        await ann.CallOutAsync("cem@localhost", withVideo: false);
        await ann.IsToldAsync("Calling cem@localhost");
    }

    [Fact]
    public async Task Dino_rings_takes_the_call_and_hears_and_is_heard()
    {
        Assert.SkipUnless(IsLong, "With PARLEY_LONG=1: Dino and a browser.");
        const string Dan = "dan@localhost", Password = "correct horse";
        var room = await StartAsync();
        room.Namespace.Trust(room.Server.Certificate);
        room.Server.AddUser(Dan, Password);
        using var sound = await SoundCard.StartAsync(room.Namespace, 1000);
        using var dino = await DinoClient.StartAsync(room.Namespace, Dan, Password, sound.Variable);
        try
        {
            var ann = await room.JoinAsync("Ann", script: Sound.Tone(400));
            await ann.SeesAsync(1, Join);

            await ann.CallOutAsync(Dan, withVideo: false);
            await dino.AcceptCallAsync("room@calls.localhost");
            await ann.IsToldAsync("has answered");
            await ann.SeesAsync(2, Join);
            await Sound.HearsAsync(sound.LevelsAsync, "Dan", [400], [1000]);
            await Sound.HearsAsync(ann.Script, "Ann", [1000], [400]);

            // He declines the next one.
            await dino.HangUpAsync();
            await ann.SeesAsync(1, Seconds(10));
            await ann.CallOutAsync(Dan, withVideo: false);
            await dino.RejectCallAsync("room@calls.localhost");
            await ann.IsToldAsync("has declined");
            Assert.Equal(0, dino.Quit());
        }
        catch
        {
            dino.Show();
            throw;
        }
    }
}
