using Parley.Plugins.Archive;
using static Parley.tests.Plugins.Archive.ArchiveLab;

namespace Parley.tests.Plugins.Archive;

/// <summary>XEP-0313 section 6.1.1 and XEP-0334: what belongs into an account's archive.</summary>
public sealed class ArchivePolicyTests
{
    [Theory]
    [InlineData("chat", "<body>x</body>", true)]
    [InlineData(null, "<body>x</body>", true)]
    [InlineData("unheard-of", "<body>x</body>", true)]
    [InlineData("groupchat", "<body>x</body>", false)]
    [InlineData("headline", "<body>x</body>", false)]
    [InlineData("error", "<body>x</body>", false)]
    [InlineData("chat", "", false)]
    [InlineData("chat", "<thread>x</thread>", false)]
    [InlineData("chat", "<composing xmlns='http://jabber.org/protocol/chatstates'/>", false)]
    [InlineData("chat", "<composing xmlns='http://jabber.org/protocol/chatstates'/><store xmlns='urn:xmpp:hints'/>", true)]
    [InlineData("chat", "<body>x</body><no-store xmlns='urn:xmpp:hints'/>", false)]
    [InlineData("chat", "<no-permanent-store xmlns='urn:xmpp:hints'/><body>x</body>", false)]
    [InlineData("chat", "<body>x</body><no-copy xmlns='urn:xmpp:hints'/>", true)]
    [InlineData("chat", "<received xmlns='urn:xmpp:receipts' id='1'/>", true)]
    [InlineData("chat", "<request xmlns='urn:xmpp:receipts'/>", false)]
    [InlineData("chat", "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", true)]
    [InlineData("chat", "<markable xmlns='urn:xmpp:chat-markers:0'/>", false)]
    [InlineData("chat", "<reactions xmlns='urn:xmpp:reactions:0' id='1'><reaction>x</reaction></reactions>", true)]
    [InlineData("chat", "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>", true)]
    [InlineData("chat", "<apply-to xmlns='urn:xmpp:fasten:0' id='1'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>", true)]
    [InlineData("chat", "<replace xmlns='urn:xmpp:message-correct:0' id='1'/>", true)]
    [InlineData("chat", "<encrypted xmlns='eu.siacs.conversations.axolotl'/>", true)]
    [InlineData("chat", "<encrypted xmlns='urn:xmpp:omemo:2'/>", true)]
    [InlineData("chat", "<openpgp xmlns='urn:xmpp:openpgp:0'>x</openpgp>", true)]
    [InlineData("chat", "<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>", true)]
    [InlineData("chat", "<finish xmlns='urn:xmpp:jingle-message:0' id='1'/>", true)]
    [InlineData("chat", "<ringing xmlns='urn:xmpp:jingle-message:0' id='1'/>", false)]
    [InlineData("chat", "<ringing xmlns='urn:xmpp:jingle-message:0' id='1'/><store xmlns='urn:xmpp:hints'/>", true)]
    [InlineData(null, "<x xmlns='http://jabber.org/protocol/muc#user'><invite to='a@b'/></x>", true)]
    [InlineData("chat", "<x xmlns='http://jabber.org/protocol/muc#user'/>", false)]
    [InlineData(null, "<x xmlns='jabber:x:conference' jid='r@c'/>", true)]
    [InlineData("normal", "<event xmlns='http://jabber.org/protocol/pubsub#event'/>", false)]
    [InlineData("chat", "<result xmlns='urn:xmpp:mam:2'/><body>x</body>", false)]
    [InlineData("chat", "<sent xmlns='urn:xmpp:carbons:2'/><store xmlns='urn:xmpp:hints'/>", false)]
    public void What_says_something_is_kept(string? type, string content, bool isArchived) =>
        Assert.Equal(isArchived, ArchivePolicy.IsArchived(Message("ben@one.test/a", Ann, content, type)));
}
