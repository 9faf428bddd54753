using Parley.Server.Host.Configuration;

namespace Parley.tests.Host.Configuration;

public sealed class SettingArgumentsTests
{
    [Fact]
    public void Settings_are_told_from_the_verbs_own_options()
    {
        var read = SettingArguments.Extract(["user", "add", "a@b", "--Server:Domain", "b", "--password", "p:q", "--Listeners:C2S:Port=6222", "--Meet:AllowAutoJoin", "-1"]);

        Assert.Equal(["user", "add", "a@b", "--password", "p:q"], read.Rest);
        Assert.Equal([new("Server:Domain", "b"), new("Listeners:C2S:Port", "6222"), new("Meet:AllowAutoJoin", "-1")], read.Settings);
        Assert.Empty(read.Faults);
    }

    [Fact]
    public void A_setting_without_its_value_is_a_fault()
    {
        var read = SettingArguments.Extract(["run", "--Server:Domain", "--Turn:Enabled", "false"]);

        Assert.Equal(["Server:Domain: needs a value on the command line."], read.Faults);
        Assert.Equal([new("Turn:Enabled", "false")], read.Settings);
    }

    [Fact]
    public void Of_a_key_set_twice_the_last_counts() =>
        Assert.Equal([new("server:domain", "b")], SettingArguments.Extract(["--Server:Domain", "a", "--server:domain=b"]).Settings);

    [Theory]
    [InlineData("--password=a:b")]
    [InlineData("--:x")]
    [InlineData("-Server:Domain")]
    [InlineData("Server:Domain")]
    public void What_is_no_setting_stays(string argument) => Assert.Equal([argument], SettingArguments.Extract([argument]).Rest);
}
