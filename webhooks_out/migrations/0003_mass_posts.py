from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('webhooks_out', '0002_staff'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='batch_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='origin',
            field=models.CharField(choices=[('rule', 'Rule'), ('manual', 'Executed'), ('batch', 'Mass post'), ('test', 'Test')], default='rule', max_length=8),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('batch_id__isnull', False)), fields=['batch_id', 'state', 'id'], name='delivery_of_batch'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('batch_id__isnull', False), ('due_at__isnull', False)), fields=['webhook', 'due_at'], name='delivery_batch_due'),
        ),
    ]
