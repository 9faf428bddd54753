using Parley.tests.Plays.Engine;

namespace Parley.tests.Plays;

/// <summary>Every play of the folder Scripts, in memory.</summary>
public sealed class InMemoryTests(InMemoryTests.Stage stage) : IClassFixture<InMemoryTests.Stage>
{
    public static TheoryData<string> Names => Repertoire.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_play_goes_as_written_in_memory(string name) => Repertoire.PerformAsync(name, stage.Shared, ServerStage.InMemoryAsync);

    /// <summary>The server that plays without settings of their own share.</summary>
    public sealed class Stage() : SharedStage(() => ServerStage.InMemoryAsync());
}

/// <summary>The same over sockets.</summary>
public sealed class OverSocketsTests(OverSocketsTests.Stage stage) : IClassFixture<OverSocketsTests.Stage>
{
    public static TheoryData<string> Names => Repertoire.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_play_goes_as_written_over_sockets(string name) => Repertoire.PerformAsync(name, stage.Shared, ServerStage.OverSocketsAsync);

    /// <summary>The server that plays without settings of their own share.</summary>
    public sealed class Stage() : SharedStage(() => ServerStage.OverSocketsAsync());
}

/// <summary>A server for a whole class of tests.</summary>
public abstract class SharedStage(Func<Task<ServerStage>> start) : IAsyncLifetime
{
    private ServerStage? _stage;

    /// <summary>The server.</summary>
    public IStage Shared => _stage!;

    public async ValueTask InitializeAsync() => _stage = await start();

    public async ValueTask DisposeAsync()
    {
        if (_stage is not null) await _stage.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>The plays that there are, and how one is put on.</summary>
internal static class Repertoire
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Scripts");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.play", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Folder, f)).Order()];

    /// <summary>Plays one on a shared stage, or where it has settings on one of its own.</summary>
    public static async Task PerformAsync(string name, IStage shared, Func<string[], Task<ServerStage>> start)
    {
        var play = Play.Read(name, await File.ReadAllTextAsync(Path.Combine(Folder, name), TestContext.Current.CancellationToken));
        var cast = new Cast();
        if (play.Settings.Count == 0)
        {
            await PerformAsync(play, shared, cast);
            return;
        }

        await using var own = await start([.. play.Settings.Select(cast.Fill).SelectMany(s => s.Split(' ', 2) is [var key, var value] ? new[] { "--" + key, value } : throw new FormatException($"{name}: with {s}"))]);
        await PerformAsync(play, own, cast);
    }

    private static async Task PerformAsync(Play play, IStage stage, Cast cast)
    {
        await using var performance = new Performance(play, stage, cast);
        await performance.RunAsync(TestContext.Current.CancellationToken);
    }
}
