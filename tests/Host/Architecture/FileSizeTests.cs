namespace Parley.tests.Host.Architecture;

/// <summary>Files stay small enough to be read at a sitting.</summary>
public sealed class FileSizeTests
{
    private const int Most = 600, MostMedian = 120;

    [Fact]
    public void No_file_has_more_than_600_lines()
    {
        var long_ = Repository.Sources().Select(f => (File: Path.GetRelativePath(Repository.Root, f), Lines: File.ReadLines(f).Count())).Where(f => f.Lines > Most);

        Assert.Empty(long_);
    }

    [Fact]
    public void Half_of_the_files_have_at_most_120_lines()
    {
        var lines = Repository.Sources().Select(f => File.ReadLines(f).Count()).Order().ToList();

        Assert.True(lines.Count > 100, $"only {lines.Count} files were found below {Repository.Root}");
        Assert.InRange(lines[lines.Count / 2], 1, MostMedian);
    }
}
