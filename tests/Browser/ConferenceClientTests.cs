using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>
/// A scripted client (slixmpp and aiortc) that follows XEP-0521's text and nothing else, with three browsers in one room: legs of two dialects, one conference.
/// </summary>
public sealed class ConferenceClientTests : CallTest
{
    [Theory]
    [InlineData("bundle")]
    [InlineData("no-bundle")]
    public async Task It_gets_a_session_for_each_browser_and_each_browser_sees_it(string bundle)
    {
        var room = await StartAsync();
        room.Server.AddUser("scott@localhost", "pw");
        var first = await room.JoinAllAsync("", "Ann", "Bob");
        var (ann, bob) = (first[0], first[1]);
        await ann.ReceivesAsync(1, Join);

        var scott = PythonClient.Start(room.Namespace, "conference", room.Server.Certificate, "scott@localhost", "pw", "room@calls.localhost", bundle);
        try
        {
            await scott.WaitForAsync("\"event\": \"accepted\", \"isfocus\": \"true\"", Join);
            var eve = await room.JoinAsync("Eve");
            Caller[] browsers = [ann, bob, eve];
            foreach (var browser in browsers) await browser.SeesAsync(4, Join);
            foreach (var browser in browsers) await browser.ReceivesAsync(3, Join);

            // One session, one person: the streams of three, each decoded.
            var from = scott.Count;
            await scott.WaitForAsync(string.Join(".*", Enumerable.Repeat("\"audio\": [1-9]\\d*, \"video\": [1-9]\\d*", 3)), Join, from);
            await Task.WhenAll(browsers.Select(b => b.KeepsReceivingAsync(3, Watch)));

            await eve.HangUpAsync();
            await scott.WaitForAsync("\"event\": \"terminated\".*\"own\": false", Seconds(5));
            scott.Say("leave");
            await ann.SeesAsync(2, Seconds(2));
        }
        finally
        {
            TestContext.Current.TestOutputHelper?.WriteLine(scott.Text);
        }
    }
}
