using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>
/// A server that is killed while a client without an archive has not acknowledged what it was sent (XEP-0198), or is away and may come back: what was acknowledged to the sender comes when it
/// logs in anew. A message comes twice only where the client had it and had not said so, which no server can tell from one that it never had.
/// </summary>
public sealed class UnacknowledgedTests : WireTest
{
    private const string Password = "correct horse";

    // For what must come, and for what must not.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), Quiet = TimeSpan.FromSeconds(2);

    // Until an acknowledgement has removed a message from the disk, on a busy machine.
    private static readonly TimeSpan Removal = TimeSpan.FromSeconds(1.5);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Killed_it_delivers_what_it_acknowledged_and_its_receiver_did_not_each_once(bool onPostgreSql, bool hasArchive)
    {
        string[] settings = ["--Media:Workers", "1", "--Turn:Enabled", "false", "--Plugins:Archive:Enabled", hasArchive ? "true" : "false", .. onPostgreSql ? (string[])["--Storage:Provider", "PostgreSql", "--Storage:ConnectionString", PostgreSqlCluster.Shared.MakeDatabase()] : []];
        await StartAsync(settings);
        foreach (var user in new[] { "ann", "ben" }) Server.AddUser($"{user}@localhost", Password);
        var ben = await ManagedClient.LogInAsync(Namespace, "ben", Password);
        var ann = await ManagedClient.LogInAsync(Namespace, "ann", Password);
        await ann.SendAsync("ben@localhost", "had-1", "had-2");
        Assert.Equal(["had-1", "had-2"], await ben.HearAsync(2, Patience));
        await ben.AcknowledgeAsync();
        await ann.SendAsync("ben@localhost/one", "open-1", "open-2"); // to be read by nobody
        await Task.Delay(Removal, TestContext.Current.CancellationToken);
        await ben.DisposeAsync();
        await ann.SendAsync("ben@localhost", "away-1", "away-2");
        await KillAsync(settings);

        await ann.DisposeAsync();
        var former = ben.ResumptionId;
        ben = await ManagedClient.LogInAsync(Namespace, "ben", Password, resume: former);
        Assert.Equal("item-not-found", ben.Resumption!.Children.First().Name);
        Assert.Equal(["open-1", "open-2", "away-1", "away-2"], await ben.HearAsync(4, Patience));
        await ben.AcknowledgeAsync();
        Assert.Empty(await ben.HearAsync(1, Quiet));
        await KillAsync(settings);
        await ben.DisposeAsync();
        ben = await ManagedClient.LogInAsync(Namespace, "ben", Password);
        Assert.Empty(await ben.HearAsync(1, Quiet));
        await ben.DisposeAsync();
    }

    private async Task KillAsync(string[] settings)
    {
        Server.Command.Process.Kill(entireProcessTree: true);
        await Server.Command.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Server.StartAgainAsync(settings: settings);
    }
}
