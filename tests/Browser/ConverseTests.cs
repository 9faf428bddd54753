using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>converse.js, over our WebSocket and BOSH.</summary>
public sealed class ConverseTests : CallTest
{
    private const string Ann = ChatPeople.Ann, Bob = ChatPeople.Bob, Tea = ChatPeople.Room;

    [Fact]
    public async Task It_chats_with_one_and_in_a_room_sends_files_and_pictures_and_learns_what_another_device_wrote()
    {
        var room = await StartServerAsync();
        await using var people = await ChatPeople.MeetAsync(room.Namespace);
        var (tablet, bob) = (people.AnnsTablet, people.BobClient);
        await people.OpenRoomAsync();
        await people.ShowPictureAsync();
        await using var converse = await ConversePage.OpenAsync(room.Namespace, "websocket");
        await TellAsync(converse, async () =>
        {
            await converse.LogInAsync(Ann, ChatPeople.Password);
            var chat = await converse.OpenChatAsync(Bob);
            await chat.SayAsync("hello <&> bob");
            await bob.HearAsync("<body>hello &lt;&amp;&gt; bob</body>");
            await tablet.HearAsync("<sent xmlns='urn:xmpp:carbons:2'>.*<body>hello &lt;&amp;&gt; bob</body>");
            await bob.SendAsync($"<message to='{Ann}' type='chat' id='b1'><body>Grüße &lt;&amp;&gt;</body><request xmlns='urn:xmpp:receipts'/></message>");
            await chat.HasAsync("Grüße <&>");
            await bob.HearAsync("<received [^>]*id='b1'");
            await tablet.SendAsync($"<message to='{Bob}' type='chat' id='t1'><body>from the tablet</body></message>");
            await chat.HasAsync("from the tablet");
            await chat.ShowsAsync("me: hello <&> bob", "them: Grüße <&>", "me: from the tablet");

            await chat.SendFileAsync("dot.png", "image/png", ChatPeople.Dot);
            var url = (await bob.HearAsync("<x xmlns='jabber:x:oob'><url>([^<]+)</url>")).Groups[1].Value;
            using var http = room.Namespace.Http();
            Assert.Equal(ChatPeople.Dot, await http.GetByteArrayAsync(new Uri(url), TestContext.Current.CancellationToken));
            Assert.Equal(url, await chat.PictureAsync());

            var tea = await converse.OpenRoomAsync(Tea);
            await bob.SendAsync($"<message to='{Tea}' type='groupchat' id='b2'><body>tea, ann?</body></message>");
            await tea.HasAsync("tea, ann?");
            await tea.SayAsync("yes please");
            await bob.HearAsync($"<message [^>]*from='{Tea}/annie'[^>]*>.*<body>yes please</body>");
            await tea.HasAsync("yes please");
            await tea.ShowsAsync("them: tea, ann?", "me: yes please");

            await converse.SetAvatarAsync(ChatPeople.Dot);
            var hash = (await bob.HearAsync($"from='{Ann}/[^']*'.*<photo>([0-9a-f]+)</photo>")).Groups[1].Value;
            await bob.SendAsync($"<iq type='get' id='her' to='{Ann}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:data'><item id='{hash}'/></items></pubsub></iq>");
            var data = await bob.HearAsync("<data [^>]*>([^<]+)</data>");
            Assert.Equal(hash, ChatPeople.NameOf(Convert.FromBase64String(data.Groups[1].Value)));
        });
    }

    [Theory]
    [InlineData("websocket")]
    [InlineData("bosh")]
    public async Task It_reads_what_it_missed_when_it_comes_back(string way)
    {
        var room = await StartServerAsync();
        await using var people = await ChatPeople.MeetAsync(room.Namespace);
        var (tablet, bob) = (people.AnnsTablet, people.BobClient);
        await people.OpenRoomAsync();
        await using var converse = await ConversePage.OpenAsync(room.Namespace, way);
        await TellAsync(converse, async () =>
        {
            await converse.LogInAsync(Ann, ChatPeople.Password);
            await bob.HearAsync($"<presence [^>]*from='{Tea}/annie'");
            await bob.SendAsync($"<message to='{Ann}' type='chat' id='b1'><body>one</body></message><message to='{Tea}' type='groupchat' id='b2'><body>tea one</body></message>");
            await (await converse.OpenRoomAsync(Tea)).HasAsync("tea one");
            await (await converse.OpenChatAsync(Bob)).HasAsync("one");

            await converse.LogOutAsync();
            await bob.HearAsync("<presence [^>]*type='unavailable'");
            // To the tablet alone, and by it: no offline message brings these.
            await bob.SendAsync($"<message to='{Ann}' type='chat' id='b3'><body>two</body></message>");
            await tablet.HearAsync("<body>two</body>");
            await tablet.SendAsync($"<message to='{Bob}' type='chat' id='t1'><body>three</body></message>");
            await bob.HearAsync("<body>three</body>");
            await bob.SendAsync($"<message to='{Tea}' type='groupchat' id='b4'><body>tea two</body></message>");
            await bob.HearAsync("<body>tea two</body>");

            await converse.LogInAsync(Ann, ChatPeople.Password);
            var tea = await converse.OpenRoomAsync(Tea);
            await tea.HasAsync("tea two");
            await tea.ShowsAsync("them: tea one", "them: tea two");
            var chat = await converse.OpenChatAsync(Bob);
            await chat.HasAsync("three");
            await bob.SendAsync($"<message to='{Ann}' type='chat' id='b5'><body>four</body></message>");
            await chat.HasAsync("four");
            await chat.ShowsAsync("them: one", "them: two", "me: three", "them: four");
            Assert.Equal(way == "websocket", converse.Console.Contains("Websocket open", StringComparison.Ordinal));
        });
    }

    private async Task<CallRoom> StartServerAsync()
    {
        var room = await StartAsync("--Media:Workers", "1");
        foreach (var jid in new[] { Ann, Bob }) room.Server.AddUser(jid, ChatPeople.Password);
        return room;
    }

    private static async Task TellAsync(ConversePage converse, Func<Task> test)
    {
        try
        {
            await test();
            // What is not there yet is no fault, and who is no admin sees no lists of members where addresses are hidden.
            Assert.Empty(Regex.Matches(converse.Console, "<error [^>]*>\\s*<([a-z-]+) xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"").Select(m => m.Groups[1].Value).Except(["item-not-found", "forbidden"]));
        }
        catch
        {
            TestContext.Current.TestOutputHelper?.WriteLine("--- converse.js\n" + converse.Console);
            TestContext.Current.AddAttachment("converse.png", await converse.Page.ScreenshotAsync(), "image/png");
            throw;
        }
    }
}
