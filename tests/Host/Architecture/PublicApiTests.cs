using Parley.Plugin.Abstractions;

namespace Parley.tests.Host.Architecture;

/// <summary>The contract that other people's plugins compile against changes only on purpose.</summary>
public sealed class PublicApiTests
{
    private static readonly string Golden = Path.Combine(Repository.Root, "tests/Host/Architecture/Plugin.Abstractions.txt");

    [Fact]
    public void The_plugin_contract_is_as_written_down()
    {
        var now = PublicApi.Write(typeof(IXmppPlugin).Assembly);
        if (Environment.GetEnvironmentVariable("PARLEY_UPDATE_GOLDEN") == "1") File.WriteAllText(Golden, now);

        var written = File.ReadAllText(Golden).ReplaceLineEndings("\n");

        var before = written.Split('\n').ToHashSet();
        var after = now.Split('\n').ToHashSet();
        Assert.True(written == now, "The contract changed. If that is meant: write a decision record, raise PluginApi.Major where an old plugin would break, and run this test once with PARLEY_UPDATE_GOLDEN=1.\n"
            + string.Join('\n', before.Except(after).Select(l => "- " + l).Concat(after.Except(before).Select(l => "+ " + l))));
    }
}
