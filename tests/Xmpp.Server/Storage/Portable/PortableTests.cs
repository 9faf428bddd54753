using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage;
using Parley.Xmpp.Server.Storage.Portable;

namespace Parley.tests.Xmpp.Server.Storage.Portable;

/// <summary>Accounts leave and come with all that is theirs (XEP-0227): ours, Prosody's and ejabberd's.</summary>
public abstract class PortableTests(StorageProvider provider)
{
    private static readonly Jid Ann = "ann@one.test";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_exported_and_imported_elsewhere_is_the_same_and_again_changes_nothing()
    {
        await using var from = new TestStorage(provider);
        await using var to = new TestStorage(provider);
        foreach (var account in new[] { Ann, "ben@two.test", "cyd@one.test" }) await from.Get<IAccountAdministration>().AddAsync(account, "pencil", Ct);
        var rosters = from.Get<IRosterStore>();
        static Element Request(string from) => new Element("presence", "jabber:client").Attr("from", from).Attr("type", "subscribe").Add(new Element("nick", "http://jabber.org/protocol/nick").Text("E & <e>")).Freeze();
        await rosters.WriteAsync(Ann, new RosterItem("b@x.test", "B \"b\"", ["One", "Zwö"], true, true, false, null), Ct);
        await rosters.WriteAsync(Ann, new RosterItem("c@x.test", null, [], true, false, false, null), Ct);
        await rosters.WriteAsync(Ann, new RosterItem("d@x.test", null, [], false, true, true, null), Ct);
        await rosters.WriteAsync(Ann, new RosterItem("e@x.test", null, [], false, false, false, Request("e@x.test")), Ct);
        await rosters.WriteAsync(Ann, new RosterItem("f@x.test", "F", [], false, false, true, Request("f@x.test"), PreApproved: true), Ct);
        var start = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        for (var i = 0; i < 250; i++) await from.Get<IOfflineStore>().AddAsync(Ann, Say($"  {i} <&>\r\n"), start.AddSeconds(i), Ct);

        var file = await ExportAsync(from);
        for (var round = 0; round < 2; round++)
        {
            var (report, faults) = await ImportAsync(to, file);
            Assert.Empty(faults);
            Assert.Empty(report.Ignored);
            Assert.Equal((3, round == 0 ? 3 : 0, 0), (report.Accounts, report.NewAccounts, report.AccountsWithoutPassword));
            if (round > 0) Assert.Empty(report.Pieces);
        }

        Assert.Equal(await AllOfAsync(from), await AllOfAsync(to));
        Assert.Equal(file, await ExportAsync(to));
    }

    [Fact]
    public async Task What_is_here_stays_as_it_is()
    {
        await using var from = new TestStorage(provider);
        await using var to = new TestStorage(provider);
        await from.Get<IAccountAdministration>().AddAsync(Ann, "old", Ct);
        await from.Get<IRosterStore>().WriteAsync(Ann, new RosterItem("b@x.test", "Old", [], true, true, false, null), Ct);
        await to.Get<IAccountAdministration>().AddAsync(Ann, "new", Ct);
        await to.Get<IRosterStore>().WriteAsync(Ann, new RosterItem("b@x.test", "New", [], false, false, false, null), Ct);
        var (report, faults) = await ImportAsync(to, await ExportAsync(from));
        Assert.Empty(faults);
        Assert.Equal(0, report.NewAccounts);
        Assert.True(await FitsAsync(to, Ann, "SHA-1", "new"));
        Assert.Equal("New", Assert.Single(await to.Get<IRosterStore>().ReadAsync(Ann, Ct)).Name);
    }

    [Fact]
    public async Task Prosodys_accounts_come_with_passwords_contacts_and_requests()
    {
        await using var storage = new TestStorage(provider);
        var (report, faults) = await ReadAsync(storage, Sample("prosody"));
        Assert.Empty(faults);
        Assert.Equal((1, 1, 0), (report.Accounts, report.NewAccounts, report.AccountsWithoutPassword));
        Assert.True(await FitsAsync(storage, Ann, "SHA-1", "pencil"));
        Assert.Equal(["ben@two.test Ben <B> both Friends", "cyd@two.test  none  asks", "dan@x.test  none  asked"], await ContactsAsync(storage));
        // Of plugins that are not part of this test.
        Assert.Equal(["archive urn:xmpp:pie:0#mam", "query jabber:iq:private", "vCard vcard-temp"], report.Ignored.Keys);
    }

    [Fact]
    public async Task Ejabberds_accounts_come_from_the_files_that_the_first_includes()
    {
        await using var storage = new TestStorage(provider);
        var (report, faults) = await ReadAsync(storage, Path.Combine(Sample("ejabberd"), "20261126-184112.xml"));
        Assert.Empty(faults);
        Assert.Equal((2, 2), (report.Accounts, report.NewAccounts));
        Assert.True(await FitsAsync(storage, Ann, "SHA-1", "pencil"));
        Assert.True(await FitsAsync(storage, "ben@two.test", "SHA-1", "crayon"));
        Assert.Equal(["ben@two.test Ben both Friends", "dan@two.test  none  asks"], await ContactsAsync(storage));
        var (_, message, received) = Assert.Single(await storage.Get<IOfflineStore>().ReadAsync(Ann, 10, ct: Ct));
        Assert.Equal(("hello", 1795718469276), (message.Body, received.ToUnixTimeMilliseconds()));
        Assert.Null(message.Element.Child("delay", "urn:xmpp:delay"));
    }

    [Fact]
    public async Task A_password_gives_keys_of_every_hash_and_without_one_nobody_gets_in()
    {
        await using var storage = new TestStorage(provider);
        var (report, faults) = await ImportAsync(storage, Users("<user name='ann' password='pencil'/><user name='ben'/><user name='cyd' password=''/>"));
        Assert.Equal("file:1: cyd@one.test: the password is empty or holds characters that passwords may not have (RFC 4013); nobody can log in before another is set.", Assert.Single(faults));
        Assert.Equal((3, 2), (report.NewAccounts, report.AccountsWithoutPassword));
        foreach (var hash in ScramHash.All) Assert.True(await FitsAsync(storage, Ann, hash.Name, "pencil"));
        // Else the domain would offer no hash at all.
        Assert.Equal(3, storage.Get<ICredentialStore>().HashesOf("one.test").Count);
        Assert.False(await FitsAsync(storage, "ben@one.test", "SHA-1", ""));
    }

    [Theory]
    [InlineData("<user name='a@b'/>", "its name is none", 0)]
    [InlineData("<user/>", "its name is none", 0)]
    [InlineData("<user name='ann'><query xmlns='jabber:iq:roster'>\n<item jid='b@x.test'/>\n<item/><item jid='c@x.test'/></query></user>", "file:3: ann@one.test: a roster item without an address", 2)]
    [InlineData("<user name='ann'><query xmlns='jabber:iq:roster'><item jid='b@x.test' subscription='maybe'/></query></user>", "\"maybe\" is no subscription", 0)]
    [InlineData("<user name='ann'><scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'><iter-count>0</iter-count></scram-credentials></user>", "the iteration count", 0)]
    [InlineData("<user name='ann'><scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'><iter-count>4096</iter-count><salt>AAAA</salt><server-key>AAAA</server-key><stored-key>AAAA</stored-key></scram-credentials></user>", "<stored-key/> has", 0)]
    [InlineData("<user name='ann'><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='../other.xml'/></user>", "leads elsewhere", 0)]
    [InlineData("<user name='ann'><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='/etc/passwd'/></user>", "leads elsewhere", 0)]
    [InlineData("<user name='ann'><query xmlns='jabber:iq:roster'><item jid='b@x.test'></query></user>", "file:1: ", 0)]
    public async Task What_cannot_be_kept_is_told_with_its_place_and_the_rest_is_kept(string users, string expected, int contacts)
    {
        await using var storage = new TestStorage(provider);
        var (_, faults) = await ImportAsync(storage, Users(users));
        Assert.Contains(expected, Assert.Single(faults), StringComparison.Ordinal);
        Assert.Equal(contacts, (await storage.Get<IRosterStore>().ReadAsync(Ann, Ct)).Count);
    }

    [Fact]
    public async Task A_piece_too_large_or_too_deep_is_left_out_and_what_follows_is_read()
    {
        await using var storage = new TestStorage(provider);
        var deep = string.Concat(Enumerable.Repeat("<x>", ElementXml.MaxDepth)) + string.Concat(Enumerable.Repeat("</x>", ElementXml.MaxDepth));
        var large = new string('x', ElementXml.MaxCharacters);
        var (_, faults) = await ImportAsync(storage, Users($"<user name='ann'><query xmlns='jabber:iq:roster'><item jid='a@x.test'>{deep}</item><item jid='b@x.test'>{large}<y>{deep}</y></item><item jid='c@x.test'/></query></user>"));
        Assert.Equal(2, faults.Count);
        Assert.All(faults, f => Assert.Contains("is larger than", f, StringComparison.Ordinal));
        Assert.Equal("c@x.test", Assert.Single(await storage.Get<IRosterStore>().ReadAsync(Ann, Ct)).Contact.ToString());
    }

    [Fact]
    public async Task A_host_that_is_not_served_is_told_and_an_import_may_stop_at_the_first_fault()
    {
        await using var storage = new TestStorage(provider);
        const string file = "<server-data xmlns='urn:xmpp:pie:0'><host jid='three.test'><user name='ann'/></host><host jid='two.test'><user name='ben'/></host></server-data>";
        var (stopped, _) = await ImportAsync(storage, file, goesOn: false);
        Assert.Equal((0, 1), (stopped.Accounts, stopped.Faults));
        var (_, faults) = await ImportAsync(storage, file);
        Assert.Contains("three.test is left out: it is not served here; Server:Domains has one.test, two.test", Assert.Single(faults), StringComparison.Ordinal);
        Assert.Equal("ben@two.test", Assert.Single(await storage.Get<IAccountAdministration>().ListAsync(null, Ct)).ToString());
    }

    private static string Users(string users) => $"<server-data xmlns='urn:xmpp:pie:0'><host jid='one.test'>{users}</host></server-data>";

    private static string Sample(string name) => Path.Combine(AppContext.BaseDirectory, "Storage", "Portable", "samples", name);

    private static Message Say(string body) => new(new Element("message", "jabber:client").Attr("from", "b@x.test/r").Attr("to", "ann@one.test").Add("body", b => b.Text(body)).Freeze());

    private static async Task<string> ExportAsync(TestStorage storage)
    {
        using var output = new MemoryStream();
        await storage.Get<PortableExporter>().WriteAsync(output, [], null, Ct);
        var text = Encoding.UTF8.GetString(output.ToArray());
        Assert.Equal("server-data", XDocument.Parse(text).Root!.Name.LocalName);
        return text;
    }

    private static async Task<(PortableReport Report, IReadOnlyList<string> Faults)> ImportAsync(TestStorage storage, string text, bool goesOn = true)
    {
        var path = Path.Combine(storage.Directory, "file");
        await File.WriteAllTextAsync(path, text, Ct);
        var (report, faults) = await ReadAsync(storage, path, goesOn);
        return (report, [.. faults.Select(f => f.Replace(storage.Directory + "/", "", StringComparison.Ordinal))]);
    }

    private static async Task<(PortableReport Report, IReadOnlyList<string> Faults)> ReadAsync(TestStorage storage, string path, bool goesOn = true)
    {
        var faults = new List<string>();
        var report = await storage.Get<PortableImporter>().ReadAsync(path, [], faults.Add, goesOn, Ct);
        return (report, faults);
    }

    private static async Task<bool> FitsAsync(TestStorage storage, Jid account, string hash, string password)
    {
        var keys = await storage.Get<ICredentialStore>().FindAsync(account, hash, Ct);
        return keys is not null && password.Length > 0 && ScramKeyDerivation.Derive(hash, password, keys.Salt, keys.Iterations).StoredKey.SequenceEqual(keys.StoredKey);
    }

    private static async Task<IEnumerable<string>> ContactsAsync(TestStorage storage) => (await storage.Get<IRosterStore>().ReadAsync(Ann, Ct)).Select(i =>
        $"{i.Contact} {i.Name} {(i.SubscribedTo && i.SubscribedFrom ? "both" : "none")} {string.Join(',', i.Groups)}{(i.PendingIn is null ? "" : " asks")}{(i.PendingOut ? " asked" : "")}");

    private static async Task<string> AllOfAsync(TestStorage storage)
    {
        var text = new StringBuilder();
        foreach (var i in await storage.Get<IRosterStore>().ReadAsync(Ann, Ct)) text.AppendLine(CultureInfo.InvariantCulture, $"{i.Contact} {i.Name} {string.Join('|', i.Groups)} {i.SubscribedTo} {i.SubscribedFrom} {i.PendingOut} {i.PendingIn} {i.PreApproved}");
        foreach (var (_, message, received) in await storage.Get<IOfflineStore>().ReadAsync(Ann, 1000, ct: Ct)) text.AppendLine(CultureInfo.InvariantCulture, $"{received:O} {message.Element}");
        foreach (var hash in ScramHash.All) text.AppendLine(Convert.ToHexString((await storage.Get<ICredentialStore>().FindAsync(Ann, hash.Name, Ct))!.StoredKey));
        return text.ToString();
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqlitePortableTests() : PortableTests(StorageProvider.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlPortableTests() : PortableTests(StorageProvider.PostgreSql);
