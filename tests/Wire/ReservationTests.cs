using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Debian's slixmpp reserves a room by ad-hoc commands, the operator by the command line; a guest then enters it.</summary>
public sealed class ReservationTests : WireTest
{
    private const string Room = "tea@calls.chat.test";

    private static readonly string[] Settings =
        ["--Server:Domain", "chat.test", "--Server:BindAddress", NetworkNamespace.Address, "--Server:AdvertisedAddress", NetworkNamespace.Address, "--Guests:Enabled", "true"];

    [Fact]
    public async Task A_guest_enters_a_room_that_an_account_reserved_also_after_a_restart()
    {
        await StartAtAsync($"https://{NetworkNamespace.Address}:5281", Settings);
        Server.AddUser("ann@chat.test", "pw");
        Assert.Contains("forbidden", await CallAsGuestAsync(), StringComparison.Ordinal);

        var told = PythonClient.Run(Namespace, "commands", Server.Certificate, "ann@chat.test", "pw", NetworkNamespace.Address, Room);
        Assert.Equal(["executing", "completed", "completed"], told.GetProperty("status").EnumerateArray().Select(s => s.GetString()));
        Assert.Contains("http://jabber.org/protocol/commands", told.GetProperty("features").EnumerateArray().Select(f => f.GetString()));
        Assert.Equal(["list", "release", "reserve"], told.GetProperty("commands").EnumerateObject().Select(c => c.Name.Split('#')).Where(c => c[0] == "urn:parley:reservations:0").Select(c => c[1]).Order());
        Assert.Contains("until", told.GetProperty("fields").EnumerateArray().Select(f => f.GetString()));
        Assert.Contains($"{Room} is reserved until", told.GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Equal([Room], told.GetProperty("reserved").EnumerateArray().Select(r => r.GetString()));
        Assert.DoesNotContain("forbidden", await CallAsGuestAsync(), StringComparison.Ordinal);

        Assert.Equal(0, Server.Stop());
        await Server.StartAgainAsync($"https://{NetworkNamespace.Address}:5281", Settings);
        Assert.DoesNotContain("forbidden", await CallAsGuestAsync(), StringComparison.Ordinal);
        Assert.StartsWith($"{Room} ann@chat.test 20", Server.Cli("room", "list").Output, StringComparison.Ordinal);
        Assert.Equal($"{Room} is no longer reserved by ann@chat.test.\n", Server.Cli("room", "release", "tea", "--account", "ann@chat.test").Output);
        Assert.Contains("forbidden", await CallAsGuestAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_reserves_by_one_IQ()
    {
        await StartAtAsync($"https://{NetworkNamespace.Address}:5281", Settings);
        Server.AddUser("ann@chat.test", "pw");
        await using var ann = await XmppTestClient.ConnectAsync(Namespace, "chat.test", isDirectTls: true, NetworkNamespace.Address);
        await ann.OpenAsync();
        await ann.LoginWithPasswordAsync("ann", "pw");
        Assert.Contains("item-not-found", await AskAsync("get", "<reservation xmlns='urn:parley:reservations:0'/>"), StringComparison.Ordinal);
        Assert.Matches("<reservation [^>]*until='20[^']*Z'", await AskAsync("set", "<reservation xmlns='urn:parley:reservations:0' duration='7200'/>"));
        Assert.DoesNotContain("forbidden", await CallAsGuestAsync(), StringComparison.Ordinal);
        Assert.Contains("type='result'", await AskAsync("set", "<release xmlns='urn:parley:reservations:0'/>"), StringComparison.Ordinal);
        Assert.Contains("forbidden", await CallAsGuestAsync(), StringComparison.Ordinal);

        async Task<string> AskAsync(string type, string payload)
        {
            var id = Guid.NewGuid().ToString("N");
            await ann.SendAsync($"<iq xmlns='jabber:client' type='{type}' id='{id}' to='{Room}'>{payload}</iq>");
            return (await ann.HearAsync($"<iq [^>]*id=['\"]{id}['\"][^>]*(/>|.*?</iq>)")).Value;
        }
    }

    [Fact]
    public async Task The_operator_reserves_lists_and_releases()
    {
        await StartAtAsync($"https://{NetworkNamespace.Address}:5281", Settings);
        Server.AddUser("ann@chat.test", "pw");
        Assert.Equal(0, Server.Cli("room", "reserve", "tea", "--account", "ann@chat.test", "--duration", "04:00:00").ExitCode);
        Assert.DoesNotContain("forbidden", await CallAsGuestAsync(), StringComparison.Ordinal);
        Assert.Equal("", Server.Cli("room", "list", "--account", "bob@chat.test").Output);
        Assert.Equal((1, "There is no account bob@chat.test."), Refused("reserve", "tea", "--account", "bob@chat.test"));
        Assert.Equal((1, "tea@chat.test is no call room's address."), Refused("reserve", "tea@chat.test", "--account", "ann@chat.test"));
        Assert.Equal((1, "2020-01-01T00:00:00Z is past, or later than Plugins:FocusAgent:LongestReservation allows."), Refused("reserve", "tea", "--account", "ann@chat.test", "--until", "2020-01-01T00:00:00Z"));
        Assert.Equal((1, "--account: whose reservation is it? Give an account's address."), Refused("reserve", "tea"));
        Assert.Equal((1, "bob@chat.test has not reserved tea@calls.chat.test."), Refused("release", "tea", "--account", "bob@chat.test"));
    }

    private (int, string) Refused(params string[] args) => Server.Cli(["room", .. args]) is var result ? (result.ExitCode, result.Error.Trim()) : default;

    // Not a call that could ever be: what matters is whether the door says so, or the room.
    private async Task<string> CallAsGuestAsync()
    {
        await using var guest = await XmppTestClient.ConnectAsync(Namespace, "guest.chat.test", isDirectTls: true, NetworkNamespace.Address);
        await guest.LoginAsGuestAsync();
        await guest.SendAsync($"<iq xmlns='jabber:client' type='set' id='call' to='{Room}'><jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s1'><leg xmlns='urn:parley:leg:0'/></jingle></iq>");
        return (await guest.HearAsync("<iq [^>]*id=['\"]call['\"].*?</iq>")).Value;
    }
}
