using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Debian's Dino, with a person at its keyboard.</summary>
public sealed class DinoTests : WireTest
{
    private const string Ann = ChatPeople.Ann, Bob = ChatPeople.Bob, Tea = ChatPeople.Room;
    private DinoClient? _dino;

    [Fact]
    public async Task It_chats_with_one_and_in_a_room_and_learns_what_another_device_wrote()
    {
        await StartServerAsync();
        await using var people = await ChatPeople.MeetAsync(Namespace);
        var (tablet, bob) = (people.AnnsTablet, people.BobClient);
        await people.OpenRoomAsync();
        var dino = await StartDinoAsync();

        // One to one, either way; the other device hears and is heard.
        await bob.HearAsync($"<presence [^>]*from='{Ann}/dino'");
        dino.OpenChat(Bob);
        await dino.SayAsync("hello <&> bob");
        await bob.HearAsync($"<message [^>]*from='{Ann}/dino'[^>]*>.*<body>hello &lt;&amp;&gt; bob</body>");
        await tablet.HearAsync("<sent xmlns='urn:xmpp:carbons:2'>.*<body>hello &lt;&amp;&gt; bob</body>");
        await bob.SendAsync($"<message to='{Ann}/dino' type='chat' id='b1'><body>Grüße 😀 &lt;3</body><request xmlns='urn:xmpp:receipts'/></message>");
        await dino.HasAsync(Bob, "Grüße 😀 <3");
        await bob.HearAsync("<received [^>]*id='b1'");
        await tablet.SendAsync($"<message to='{Bob}' type='chat' id='t1'><body>from the tablet</body></message>");
        await dino.HasAsync(Bob, "from the tablet");
        Assert.Equal(["to: hello <&> bob", "from: Grüße 😀 <3", "to: from the tablet"], dino.Messages(Bob));

        // The room of the account's bookmarks.
        await bob.SendAsync($"<message to='{Tea}' type='groupchat' id='b2'><body>tea, ann?</body></message>");
        await dino.HasAsync(Tea, "tea, ann?");
        dino.OpenConversation(Tea);
        await dino.SayAsync("yes please");
        await bob.HearAsync($"<message [^>]*from='{Tea}/annie'[^>]*>.*<body>yes please</body>");
        await dino.UntilAsync(2, "SELECT 1 FROM message m JOIN jid j ON j.id = m.counterpart_id WHERE j.bare_jid = $a AND m.server_id <> ''", Tea);
        Assert.Equal(["from: tea, ann?", "to: yes please"], dino.Messages(Tea));

        AssertNothingMissing(dino);
    }

    [Fact]
    public async Task It_sends_files_and_a_picture_of_the_account_and_fetches_those_of_others()
    {
        await StartServerAsync();
        await using var people = await ChatPeople.MeetAsync(Namespace);
        var (tablet, bob) = (people.AnnsTablet, people.BobClient);
        var picture = await people.ShowPictureAsync();
        var dino = await StartDinoAsync();
        var file = Path.Combine(dino.Home, "holiday.png");
        var bytes = RandomNumberGenerator.GetBytes(100_000);
        ChatPeople.Dot.CopyTo(bytes, 0);
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        dino.OpenChat(Bob);
        await dino.SendFileAsync(file);
        var url = (await bob.HearAsync("<x xmlns='jabber:x:oob'><url>([^<]+)</url>")).Groups[1].Value;
        using var http = Namespace.Http();
        Assert.Equal(bytes, await http.GetByteArrayAsync(new Uri(url), TestContext.Current.CancellationToken));

        await bob.SendAsync($"<message to='{Ann}' type='chat' id='b1'><body>{url}</body><x xmlns='jabber:x:oob'><url>{url}</url></x></message>");
        var path = (string)(await dino.UntilAsync(1, "SELECT path FROM file_transfer WHERE direction = 0 AND state = 0 AND file_name = 'holiday.png'"))[0][0];
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(dino.Storage, "files", path), TestContext.Current.CancellationToken));

        await dino.UntilAsync(1, "SELECT 1 FROM contact_avatar a JOIN jid j ON j.id = a.jid_id WHERE j.bare_jid = $a AND a.hash = $b", Bob, picture);
        Assert.Equal(ChatPeople.Dot, await File.ReadAllBytesAsync(Path.Combine(dino.Storage, "avatars", picture), TestContext.Current.CancellationToken));
        await dino.SetAvatarAsync(file);
        var own = (string)(await dino.UntilAsync(1, "SELECT a.hash FROM contact_avatar a JOIN jid j ON j.id = a.jid_id WHERE j.bare_jid = $a", Ann))[0][0];
        await bob.SendAsync($"<iq type='get' id='own' to='{Ann}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:data'><item id='{own}'/></items></pubsub></iq>");
        var data = await bob.HearAsync("<data [^>]*>([^<]+)</data>");
        Assert.Equal(own, ChatPeople.NameOf(Convert.FromBase64String(data.Groups[1].Value)));
        AssertNothingMissing(dino);
    }

    [Fact]
    public async Task It_reads_what_it_missed_when_it_comes_back()
    {
        await StartServerAsync();
        await using var people = await ChatPeople.MeetAsync(Namespace);
        var (tablet, bob) = (people.AnnsTablet, people.BobClient);
        await people.OpenRoomAsync();
        var dino = await StartDinoAsync();
        await bob.HearAsync($"<presence [^>]*from='{Tea}/annie'");
        await bob.SendAsync($"<message to='{Ann}' type='chat' id='b1'><body>one</body></message>");
        await bob.SendAsync($"<message to='{Tea}' type='groupchat' id='b2'><body>tea one</body></message>");
        await dino.HasAsync(Bob, "one");
        await dino.HasAsync(Tea, "tea one");

        Assert.Equal(0, dino.Quit());
        await bob.HearAsync($"<presence [^>]*from='{Ann}/dino'[^>]*type='unavailable'|<presence [^>]*type='unavailable'[^>]*from='{Ann}/dino'");
        // To the tablet alone, and by it: no offline message brings these.
        await bob.SendAsync($"<message to='{Ann}' type='chat' id='b3'><body>two</body></message>");
        await tablet.HearAsync("<body>two</body>");
        await tablet.SendAsync($"<message to='{Bob}' type='chat' id='t1'><body>three</body></message>");
        await bob.HearAsync("<body>three</body>");
        await bob.SendAsync($"<message to='{Tea}' type='groupchat' id='b4'><body>tea two</body></message>");
        await bob.HearAsync("<body>tea two</body>");

        await dino.StartAgainAsync();
        await dino.HasAsync(Bob, "three");
        await dino.HasAsync(Tea, "tea two");
        await bob.SendAsync($"<message to='{Ann}' type='chat' id='b5'><body>four</body></message>");
        await dino.HasAsync(Bob, "four");
        Assert.Equal(["from: one", "from: two", "to: three", "from: four"], dino.Messages(Bob));
        Assert.Equal(["from: tea one", "from: tea two"], dino.Messages(Tea));
        AssertNothingMissing(dino);
    }

    public override void Dispose()
    {
        if (_dino is not null)
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed) _dino.Show();
            _dino.Dispose();
        }

        base.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task StartServerAsync()
    {
        await StartAsync("--Media:Workers", "1");
        Namespace.Trust(Server.Certificate);
        foreach (var jid in new[] { Ann, Bob }) Server.AddUser(jid, ChatPeople.Password);
    }

    /// <summary>That the server refused nothing: what is not there yet is no fault, and who is no admin sees no lists of a room's members where addresses are hidden.</summary>
    private static void AssertNothingMissing(DinoClient dino) =>
        Assert.Empty(Regex.Matches(dino.Log, @"<error type='[^']*'[^>]*>\s*<([a-z-]+) xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'").Select(m => m.Groups[1].Value).Except(["item-not-found", "forbidden"]));

    private async Task<DinoClient> StartDinoAsync() => _dino = await DinoClient.StartAsync(Namespace, Ann, ChatPeople.Password);
}
