using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Debian's profanity, typed into and read as people do.</summary>
public sealed class ProfanityTests : DesktopTest
{
    private const string Bob = "bob@" + ChatDomain.Name;
    private const string Tea = "tea@rooms." + ChatDomain.Name;

    // One pixel.
    private static readonly byte[] Picture = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private static readonly string PictureId = IdOf(Picture);

    [Fact]
    public async Task Contacts_write_to_each_other_on_all_their_devices_and_a_new_one_shows_what_was_said()
    {
        await Chat.StartAsync("ann", "bob");
        await using var bob = await Chat.LogInAsync("bob");
        await using var phone = await Chat.LogInAsync("ann");
        await phone.SendAsync("<iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        await phone.HearAsync("id='carbons'");
        var desk = await StartAsync("desk");
        Assert.Contains("Certificate verification passed", desk.Log);
        Assert.Matches("SASL SCRAM-SHA-[0-9]+ auth successful", desk.Log);

        desk.Type("/sub request " + Bob);
        await bob.HearAsync("<presence [^>]*type='subscribe'");
        await bob.SendAsync("<presence to='ann@chat.test' type='subscribed'/><presence to='ann@chat.test' type='subscribe'/>");
        await desk.ShowsAsync("Subscription received from " + Bob);
        await desk.ShowsAsync("Received authorization request from " + Bob);
        desk.Type("/sub allow " + Bob);
        await bob.HearAsync("<presence [^>]*type='subscribed'");
        await bob.HearAsync("<presence [^>]*from='ann@chat.test/desk'");

        desk.Type($"/msg {Bob} hello Ünïcode 😀 <&>");
        await bob.HearAsync("<body>hello Ünïcode 😀 &lt;&amp;(>|&gt;)</body>");
        await phone.HearAsync("<sent xmlns='urn:xmpp:carbons:2'>.*<body>hello ");
        await desk.ShowsAsync($@"{Bob} \[online\].*\[TLS\]");
        await bob.SendAsync("<message to='ann@chat.test' type='chat' id='r1'><body>and back</body><request xmlns='urn:xmpp:receipts'/></message>");
        await desk.ShowsAsync("bob@chat.test.*: and back");
        await bob.HearAsync("<received (xmlns='urn:xmpp:receipts' id='r1'|id='r1' xmlns='urn:xmpp:receipts')");
        await phone.SendAsync($"<message to='{Bob}' type='chat'><body>from my phone</body></message>");
        await desk.ShowsAsync("me: from my phone");

        desk.Type("/quit");
        await bob.HearAsync("<presence [^>]*type='unavailable'[^>]*from='ann@chat.test/desk'|<presence [^>]*from='ann@chat.test/desk'[^>]*type='unavailable'");
        await bob.SendAsync("<message to='ann@chat.test' type='chat'><body>while you were out</body></message>");
        await phone.HearAsync("while you were out");

        var laptop = await StartAsync("laptop");
        laptop.Type("/msg " + Bob);
        // It asks twice and shows what it gets as often: the second time it says where to go on outside the result set (XEP-0059).
        await laptop.ShowsAsync("me: hello Ünïcode 😀 <&>\n.*: and back\n.*: from my phone\n.*: while you were out\n");
        Assert.DoesNotContain("advertise", laptop.Log);
    }

    [Fact]
    public async Task A_room_is_made_and_talked_in_a_file_uploaded_and_pictures_seen_both_ways()
    {
        await Chat.StartAsync("ann", "bob");
        await using var bob = await Chat.LogInAsync("bob");
        var ann = await StartAsync("desk");

        ann.Type("/join tea");
        await ann.ShowsAsync("You have joined the room as ann, role: moderator, affiliation: owner");
        ann.Type("/room accept");
        await ann.ShowsAsync("Room unlocked");
        await bob.SendAsync($"<presence to='{Tea}/bob'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await bob.HearAsync("<subject");
        await ann.ShowsAsync("-> bob has joined the room");
        ann.Type("who wants tea?");
        await bob.HearAsync($"<message [^>]*from='{Tea}/ann'.*<body>who wants tea\\?</body>");
        await bob.SendAsync($"<message to='{Tea}' type='groupchat'><body>ann: me</body></message>");
        await ann.ShowsAsync("bob: ann: me");
        ann.Type("/subject set Tea");
        await bob.HearAsync("<subject>Tea</subject>");
        Assert.DoesNotContain("IQ error received", ann.Log);

        var file = ann.At("picture.png");
        await File.WriteAllBytesAsync(file, Picture, TestContext.Current.CancellationToken);
        ann.Type("/sendfile " + file);
        var url = (await bob.HearAsync("<body>(https://chat.test:5281/upload/[^<]+/picture.png)</body>")).Groups[1].Value;
        await ann.ShowsAsync("100%");
        using (var http = Chat.Namespace.Http()) Assert.Equal(Picture, await http.GetByteArrayAsync(new Uri(url), TestContext.Current.CancellationToken));

        await bob.SendAsync("<presence to='ann@chat.test' type='subscribe'/>");
        ann.Type("/sub allow " + Bob);
        ann.Type("/sub request " + Bob);
        await bob.HearAsync("<presence [^>]*type='subscribe'");
        await bob.SendAsync("<presence to='ann@chat.test' type='subscribed'/>");
        ann.Type("/avatar set " + file);
        await bob.SendAsync($"""
            <iq type='set' id='data'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:avatar:data'><item id='{PictureId}'><data xmlns='urn:xmpp:avatar:data'>{Convert.ToBase64String(Picture)}</data></item></publish></pubsub></iq>
            <iq type='set' id='metadata'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:avatar:metadata'><item id='{PictureId}'><metadata xmlns='urn:xmpp:avatar:metadata'>
            <info id='{PictureId}' type='image/png' bytes='{Picture.Length}' width='1' height='1'/></metadata></item></publish></pubsub></iq>
            """);
        await bob.HearAsync("<iq [^>]*id='metadata'");
        ann.Type("/win 1");
        ann.Type("/avatar get " + Bob);
        var saved = (await ann.ShowsAsync("Avatar saved as (\\S+)")).Groups[1].Value;
        Assert.Equal(Picture, await File.ReadAllBytesAsync(saved, TestContext.Current.CancellationToken));

        await bob.SendAsync("<iq type='get' id='picture' to='ann@chat.test'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:data'/></pubsub></iq>");
        var (id, data) = Published(await bob.HearAsync("<item id='([0-9a-f]{40})'><data xmlns='urn:xmpp:avatar:data'>([^<]+)</data>"));
        Assert.Equal(IdOf(data), id);
        Assert.Equal(Picture.AsSpan(0, 8), data.AsSpan(0, 8));
    }

    [Fact]
    public async Task Two_people_who_never_encrypted_before_begin_to()
    {
        await Chat.StartAsync("ann", "bob");
        var started = await Task.WhenAll(StartAsync("desk"), StartAsync("desk", "bob"));
        var (ann, bob) = (started[0], started[1]);
        ann.Type("/omemo gen");
        bob.Type("/omemo gen");
        foreach (var client in started)
        {
            await client.ShowsAsync("OMEMO crytographic materials generated");
            client.Type("/omemo trustmode blind");
        }

        ann.Type("/sub request " + Bob);
        await bob.ShowsAsync("Received authorization request from ann@chat.test");
        bob.Type("/sub allow ann@chat.test");
        bob.Type("/sub request ann@chat.test");
        await ann.ShowsAsync("Received authorization request from " + Bob);
        ann.Type("/sub allow " + Bob);
        await bob.ShowsAsync("Subscription received from ann@chat.test");

        ann.Type("/omemo start " + Bob);
        await ann.ShowsAsync(@"bob@chat.test.*\[OMEMO\]");
        ann.Type("/win 1");
        await ann.ShowsAsync("Blind trust for bob@chat.test device");
        ann.Type("/win 2");
        ann.Type("meet me at the pond");
        await ann.ShowsAsync("~ me: meet me at the pond");
        bob.Type("/omemo start ann@chat.test");
        await bob.ShowsAsync("~ ann@chat.test/desk: meet me at the pond");
        bob.Type("at noon");
        await ann.ShowsAsync("~ bob@chat.test/desk: at noon");
        Assert.Contains("<encrypted xmlns=\"eu.siacs.conversations.axolotl\">", bob.Log);
        Assert.DoesNotContain("<body>meet me", bob.Log);
    }

    // XEP-0084 section 4.1 names pictures so; nothing is proved by it.
#pragma warning disable CA5350
    private static string IdOf(byte[] picture) => Convert.ToHexStringLower(SHA1.HashData(picture));
#pragma warning restore CA5350

    private static (string Id, byte[] Data) Published(Match item) => (item.Groups[1].Value, Convert.FromBase64String(item.Groups[2].Value));

    private async Task<ProfanityClient> StartAsync(string device, string person = "ann")
    {
        var client = await ProfanityClient.StartAsync(Chat.Namespace, person, ChatDomain.Name, ChatDomain.Password(person), device);
        return With($"{person}'s {device}", client, () => client.Screen + "\n" + client.Log);
    }
}
